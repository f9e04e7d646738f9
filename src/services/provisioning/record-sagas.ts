import type { Viewer } from '../../context.js';
import {
  type DnsRecordSpec,
  normalizeRecordKey,
  recordKeyProblems,
  recordProblems,
} from '../../core/provisioning/dns-record.js';
import { deleteDnsRecordSteps, upsertDnsRecordSteps } from '../../core/sagas/sagas.js';
import type { SagaRow } from '../sagas/list-sagas.js';
import { rejectProblems } from '../validation/problems.js';
import { claimRecord, type RecordKey } from './claim-record.js';
import { checkIdempotencyKey, type RequestSagaApp, requestSaga } from './request-saga.js';

export interface UpsertRecord extends DnsRecordSpec {
  readonly idempotencyKey?: string | null | undefined;
}

/** Sets a record by its type and name. Operators only: the resolver sees to that. */
export async function upsertDnsRecord(app: RequestSagaApp, viewer: Viewer, input: UpsertRecord): Promise<SagaRow> {
  const { idempotencyKey, ...given } = input;
  checkIdempotencyKey(idempotencyKey, 'input.idempotencyKey');
  const record = normalizeRecordKey(given);
  rejectProblems(recordProblems(record, 'input'));
  const inputs = Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== null && value !== undefined),
  );
  const request = { kind: 'upsert_dns_record', steps: upsertDnsRecordSteps, inputs, idempotencyKey } as const;
  return requestSaga(app, viewer, request, (db, sagaId) => claimRecord(db, record, sagaId));
}

/** Deletes all records of a type and name. Operators only: the resolver sees to that. */
export async function deleteDnsRecord(
  app: RequestSagaApp,
  viewer: Viewer,
  key: RecordKey,
  idempotencyKey: string | null | undefined,
): Promise<SagaRow> {
  checkIdempotencyKey(idempotencyKey, 'idempotencyKey');
  const { domain, type, name } = normalizeRecordKey(key);
  rejectProblems(recordKeyProblems({ domain, type, name }, ''));
  const request = {
    kind: 'delete_dns_record',
    steps: deleteDnsRecordSteps,
    inputs: { domain, type, name },
    idempotencyKey,
  } as const;
  return requestSaga(app, viewer, request, (db, sagaId) => claimRecord(db, { domain, type, name }, sagaId));
}
