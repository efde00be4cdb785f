/** Keys that certificates are made for: RSA of so many bits. */
export const KEY_BITS = 2048;

/** A request for a certificate of a key (PKCS #10, PEM), signed with it. @param keyPem an RSA key, PKCS #8 */
export async function newCertificateRequest(keyPem: string, commonName: string): Promise<string> {
  // What signs is a large package that few need.
  const {
    default: { md, pki },
  } = await import('node-forge');
  const key = pki.privateKeyFromPem(keyPem);
  const request = pki.createCertificationRequest();
  request.publicKey = pki.rsa.setPublicKey(key.n, key.e);
  request.setSubject([{ name: 'commonName', value: commonName }]);
  request.sign(key, md.sha256.create());
  return pki.certificationRequestToPem(request);
}
