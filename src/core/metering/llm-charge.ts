/**
 * Stands for a charge that is no decimal number, so that its event can be rejected by itself: the API's Decimal would fail the
 * whole batch. Finer than any charge may be, and less than zero, so that nothing real equals it.
 */
export const MALFORMED_CHARGE = `-0.${'0'.repeat(38)}1`;
