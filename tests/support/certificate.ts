import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate for this machine that signs itself, and its key, as files. */
export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Makes a certificate for `localhost` and 127.0.0.1 in a folder. */
export function makeCertificate(folder: string): Certificate {
  const [certificateFile, keyFile] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...kind, ...names, '-keyout', keyFile, '-out', certificateFile], {
    stdio: 'pipe',
  });
  return { certificateFile, keyFile };
}

/** The certificate that the processes of the integration tests trust, as an operator would make them. */
export const trustedCertificate = (): Certificate => ({
  certificateFile: process.env['NODE_EXTRA_CA_CERTS'] ?? '',
  keyFile: process.env['TEST_TLS_KEY'] ?? '',
});

/** Node reads NODE_EXTRA_CA_CERTS when it starts, so this runs before the tests' processes do. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'bff-tls-'));
  const { certificateFile, keyFile } = makeCertificate(folder);
  Object.assign(process.env, { NODE_EXTRA_CA_CERTS: certificateFile, TEST_TLS_KEY: keyFile });
  return () => rmSync(folder, { recursive: true, force: true });
}
