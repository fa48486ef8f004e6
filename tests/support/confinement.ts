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

/** Whether {@link onImage} works here. */
export const canMountImages = (): boolean =>
  canMount() &&
  executable('mkfs.ext4') !== null &&
  executable('losetup') !== null &&
  spawnSync('losetup', ['-f']).status === 0;

/**
 * Puts what mounts `disk.img` of a folder at its `disk`, in the process's eyes only, in front of a command. The image
 * is made where there is none: it holds what has reached the disk, and the folder also what only the system knows.
 */
export const onImage = (
  folder: string,
  command: readonly string[],
): [program: string, ...parameters: string[]] => [
  'unshare',
  '-m',
  '/bin/sh',
  '-c',
  `set -e; [ -e "$0/disk.img" ] || { truncate -s 16M "$0/disk.img"; mkfs.ext4 -q "$0/disk.img"; }; mount -o loop "$0/disk.img" "$0/disk"; exec "$@"`,
  folder,
  ...command,
];
