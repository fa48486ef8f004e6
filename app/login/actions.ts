'use server';

import type { PasswordAttempt } from 'next-trpc-bff/auth';
import { login } from '@/auth';

export async function continueAtProvider(_previous: null, form: FormData): Promise<null> {
  return login.continueAtProvider(form);
}

export async function continueWithAnotherAccount(_previous: null, form: FormData): Promise<null> {
  return login.continueWithAnotherAccount(form);
}

export async function tryPassword(_previous: PasswordAttempt, form: FormData): Promise<PasswordAttempt> {
  return login.tryPassword(form);
}
