import type { Tensor } from '@linum/tensor'

/** Where the cubic through (a, fa), (b, fb) and (c, fc) with slope `slope` at a is least; NaN where it is nowhere. */
export const cubicMinimum = (
  a: Tensor,
  fa: Tensor,
  slope: Tensor,
  b: Tensor,
  fb: Tensor,
  c: Tensor,
  fc: Tensor,
): Tensor => {
  const [db, dc] = [b.sub(a), c.sub(a)]
  const denominator = db.mul(dc).square().mul(db.sub(dc))
  const [eb, ec] = [fb.sub(fa).sub(slope.mul(db)), fc.sub(fa).sub(slope.mul(dc))]
  const cubic = dc.square().mul(eb).sub(db.square().mul(ec)).div(denominator)
  const square = db.mul(db.square()).mul(ec).sub(dc.mul(dc.square()).mul(eb)).div(denominator)
  const radical = square.square().sub(cubic.mul(3).mul(slope))
  return a.add(radical.sqrt().sub(square).div(cubic.mul(3)))
}

/** Where the parabola through (a, fa) and (b, fb) with slope `slope` at a is least. */
export const quadraticMinimum = (a: Tensor, fa: Tensor, slope: Tensor, b: Tensor, fb: Tensor): Tensor => {
  const db = b.sub(a)
  const curvature = fb.sub(fa).sub(slope.mul(db)).div(db.square())
  return a.sub(slope.div(curvature.mul(2)))
}
