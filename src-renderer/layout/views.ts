import { ArrowLeftRight, Gauge, Layers, List, Settings2 } from '@lucide/vue'
import type { Component } from 'vue'
import ArchIcon from '../ui/arch-icon.vue'

/** The six views in the order of the rail; `others` are routes that belong to one as well. */
export const views: readonly {
  readonly name: 'connect' | 'profiles' | 'status' | 'exchange' | 'log' | 'settings'
  readonly icon: Component
  readonly others: readonly string[]
}[] = [
  { name: 'connect', icon: ArchIcon, others: [] },
  { name: 'profiles', icon: Layers, others: ['profile-new', 'profile-edit', 'import'] },
  { name: 'status', icon: Gauge, others: [] },
  { name: 'exchange', icon: ArrowLeftRight, others: [] },
  { name: 'log', icon: List, others: [] },
  { name: 'settings', icon: Settings2, others: [] },
]
