import { AuditEntry } from './audit-entry.js';
import { CloudProject } from './cloud-project.js';
import { CloudResource } from './cloud-resource.js';
import { CloudResourceEvent } from './cloud-resource-event.js';
import { SyncEvent } from './sync-event.js';
import { SyncRun } from './sync-run.js';

export const entities = [AuditEntry, CloudProject, CloudResource, CloudResourceEvent, SyncEvent, SyncRun];
