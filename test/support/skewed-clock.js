// Loaded before a program (`node --import`): its wall clock is wrong by CLOCK_SKEW_MS, its timers are right.
const skewMs = Number(process.env.CLOCK_SKEW_MS);
const RealDate = Date;
globalThis.Date = class SkewedDate extends RealDate {
  constructor(...values) {
    if (values.length === 0) super(RealDate.now() + skewMs);
    else super(...values);
  }
  static now() {
    return RealDate.now() + skewMs;
  }
};
