// The credentials as a reader sees them that shares no code with the library which wrote them: c2pa-ts, in TypeScript.
//
//     npm install @trustnxt/c2pa-ts
//     node benchmarks/other_reader.mjs result.mp4
//     node benchmarks/other_reader.mjs merged/pictures.sha256 merged/pictures.c2pa
//
// A sequence of pictures is given as its listing, which is the asset, and the sidecar, which holds its credentials.

import * as fs from 'node:fs/promises';
import { BMFF, JPEG, PNG } from '@trustnxt/c2pa-ts/asset';
import { SuperBox } from '@trustnxt/c2pa-ts/jumbf';
import { ManifestStore } from '@trustnxt/c2pa-ts/manifest';

BMFF.canReadBrands.add('isom'); // it reads the boxes of any such file, but its gate lets HEIC alone pass
const [path, sidecar] = process.argv.slice(2);
const data = await fs.readFile(path);
const asset = sidecar ? await detached(data, sidecar) : embedded(data);
const store = ManifestStore.read(SuperBox.fromBuffer(await asset.getManifestJUMBF()));
const manifest = store.getActiveManifest();
console.log(`${store.manifests.length} manifests`);
for (const assertion of manifest.assertions.assertions) {
    console.log(assertion.label, assertion.title ?? '', assertion.relationship ?? '', assertion.activeManifest ? '(has its own)' : '');
    for (const action of assertion.actions ?? []) console.log('   ', action.action, action.digitalSourceType ?? '');
}
const result = await store.validate(asset);
for (const entry of result.statusEntries) console.log(entry.success ? 'holds' : 'FAILS', entry.code);
console.log(result.isValid ? 'valid' : 'NOT VALID');
process.exitCode = result.isValid ? 0 : 1;

function embedded(bytes) {
    const kind = [PNG, BMFF, JPEG].find((one) => one.canRead(bytes));
    if (!kind) throw new Error('not a kind of file that this reader knows');
    return new kind(bytes);
}

async function detached(bytes, stored) {
    const credentials = await fs.readFile(stored);
    return {
        getDataLength: () => bytes.length,
        getDataRange: async (start = 0, length) => bytes.subarray(start, length === undefined ? undefined : start + length),
        getManifestJUMBF: () => credentials,
    };
}
