export const proposals = {}
