/** What a development runtime has and a package must not: the program that opens any app it is given. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'

export default ({ appOutDir }) => rmSync(join(appOutDir, 'resources', 'default_app.asar'), { force: true })
