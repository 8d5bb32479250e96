import type { HostPathVolumeSource, NFSVolumeSource } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import type { Faults } from './faults.js'

// What a Pod's volume and a PersistentVolume may both lead to. Source: kubernetes pkg/apis/core/validation/validation.go

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']

export function checkHostPath(faults: Faults, field: string, { path = '', type }: Draft<HostPathVolumeSource>): void {
  if (path === '') faults.required(`${field}.path`)
  else checkBacksteps(faults, `${field}.path`, path)
  if (type !== undefined && !HOST_PATH_TYPES.includes(type)) faults.notSupported(`${field}.type`, type, HOST_PATH_TYPES)
}

export function checkBacksteps(faults: Faults, field: string, path: string): void {
  if (path.split('/').includes('..')) faults.invalid(field, path, "must not contain '..'")
}

export function checkNfs(faults: Faults, field: string, { server = '', path = '' }: Draft<NFSVolumeSource>): void {
  if (server === '') faults.required(`${field}.server`)
  if (path === '') faults.required(`${field}.path`)
  else if (!path.startsWith('/')) faults.invalid(`${field}.path`, path, 'must be an absolute path')
}
