/** SQL condition of an `event` that metering looks at; word for word that of its index. */
export const IS_METERED_CHANGE = `(event.type in ('deleted', 'restored')
  or event.changes ?| array['deploymentId', 'status', 'attrs.size_gigabytes'])`;
