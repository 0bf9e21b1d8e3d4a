/** The codec's benchmark as rows of the table. */
import { benchCodec } from './codec.ts'
import { report } from './row.ts'

const result = await benchCodec()
const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en')} a second`
report({
  name: 'IKE_SA_INIT messages decoded, one thread',
  value: perSecond(result.decodesPerSecond),
  target: 'at least 150,000',
  met: result.decodesPerSecond >= 150_000,
  note: `${result.messageBytes} bytes each, median of ${result.rounds} rounds`,
})
report({ name: 'IKE_SA_INIT messages encoded, one thread', value: perSecond(result.encodesPerSecond) })
