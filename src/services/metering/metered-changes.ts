/** SQL: the condition of an `event` that changes what is metered; the index on these events has the same text. */
export const IS_METERED_CHANGE = `(event.type in ('deleted', 'restored')
  or event.changes ?| array['deploymentId', 'status', 'attrs.size_gigabytes'])`;
