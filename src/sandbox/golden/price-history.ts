/** Monthly prices in cents, from the period on in which each came to be asked. The rise of July 2022 is the provider's. */
const MONTHLY_CENTS: Readonly<Record<string, readonly (readonly [from: string, cents: number])[]>> = {
  '512mb': [['2014-12', 500]],
  '1gb': [['2014-12', 1000]],
  '2gb': [['2014-12', 2000]],
  's-1vcpu-512mb-10gb': [['2022-07', 400]],
  's-1vcpu-1gb': [
    ['2018-01', 500],
    ['2022-07', 600],
  ],
  's-1vcpu-2gb': [
    ['2018-01', 1000],
    ['2022-07', 1200],
  ],
  's-2vcpu-2gb': [['2022-07', 1800]],
  's-2vcpu-4gb': [
    ['2018-01', 2000],
    ['2022-07', 2400],
  ],
  's-4vcpu-8gb': [
    ['2018-01', 4000],
    ['2022-07', 4800],
  ],
  'c-4': [['2022-07', 8400]],
};

/** A month of a gigabyte of a snapshot, in cents; it rose with the droplets. */
export function snapshotGbCents(period: string): number {
  return period < '2022-07' ? 5 : 6;
}

/** Throws for what was not sold then: the history would be wrong. */
export function monthlyCents(size: string, period: string): number {
  const price = MONTHLY_CENTS[size]?.findLast(([from]) => from <= period);
  if (!price) throw new RangeError(`${size} was not sold in ${period}`);
  return price[1];
}
