/** From when to when a certificate is good. */
export interface CertificateLife {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The part of its life after which a certificate is renewed: who looks each hour is long done before two thirds are over. */
const DUE_AFTER = 0.6;

/** Is it time for another? Also for one that is not good any more. */
export function renewalDue({ notBefore, notAfter }: CertificateLife, now: Date): boolean {
  const life = notAfter.getTime() - notBefore.getTime();
  return now.getTime() - notBefore.getTime() >= life * DUE_AFTER;
}
