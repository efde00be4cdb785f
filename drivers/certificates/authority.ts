/** What a certificate of the platform's own authority says of its owner. */
export interface CertificateOwner {
  readonly commonName: string;
  /** See core/node/certificate-names. */
  readonly role: string;
  /** The name that clients check, for one that listens. */
  readonly serverName?: string;
}

/** The platform's own certificate authority: whoever has a certificate of it is an agent, or may call them. */
export interface Authority {
  readonly certificatePem: string;
  /**
   * Signs a request (PKCS #10, PEM), whose own names do not count.
   * @throws PlatformError invalid_argument when it is none, or not signed with its own key
   */
  sign(requestPem: string, owner: CertificateOwner): string;
}
