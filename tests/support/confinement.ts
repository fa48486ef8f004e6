import { execFileSync, spawnSync } from 'node:child_process';
import { executable } from './executable';

/** What the system lets a process have. */
export interface Confinement {
  /** How large a file may grow, in blocks of 512 bytes: past it, a disk is full. */
  readonly fileBlocks?: number;
  /** A folder that is a small disk of its own, in the process's eyes only, and its size, e.g. `'400k'`. */
  readonly disk?: { readonly folder: string; readonly size: string };
  /** Whether the permissions of files bind it although it is root. */
  readonly boundByPermissions?: boolean;
}

const isRoot = process.getuid?.() === 0;

/** Puts what confines a process in front of its command. The command replaces it, so that its process id is the one spawned. */
export function confined(
  command: readonly string[],
  { fileBlocks, disk, boundByPermissions = false }: Confinement,
): [program: string, ...parameters: string[]] {
  const limit = fileBlocks ?? 'unlimited';
  const mount = disk ? `mount -t tmpfs -o size=${disk.size} tmpfs '${disk.folder}' && ` : '';
  const permissions =
    boundByPermissions && isRoot ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];
  return [
    ...(disk ? (['unshare', '-m', '/bin/sh'] as const) : (['/bin/sh'] as const)),
    '-c',
    `${mount}ulimit -S -f ${limit}; exec "$@"`,
    'sh',
    ...permissions,
    ...command,
  ];
}

/** Whether this machine lets us mount a disk for one process. */
export const canMount = (): boolean =>
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

/** Whether {@link setFileLimit} works here. */
export const canLimitFiles = (): boolean => executable('prlimit') !== null;

/** Changes how large a running process's files may grow, bytes: with 0 it can write none. Pipes and sockets are no files. */
export function setFileLimit(pid: number, bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
}

/** Changes the size of a running process's own disk. */
export function resizeDisk(pid: number, folder: string, size: string): void {
  execFileSync('nsenter', ['-t', String(pid), '-m', 'mount', '-o', `remount,size=${size}`, folder]);
}

/** The path under which we find what a process sees at a path. */
export const asSeenBy = (pid: number, path: string): string => `/proc/${pid}/root${path}`;
