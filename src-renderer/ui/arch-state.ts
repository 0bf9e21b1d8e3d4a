/** The mark's five shapes: nothing, on the way, through, failed, and nothing may pass. */
export type ArchState = 'open' | 'moving' | 'filled' | 'barred' | 'locked'
