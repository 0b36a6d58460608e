// Checks every object of a file of YAML against the schema that Kubernetes publishes for it: node validate-objects.mjs <file>.
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

let faults = 0;
for (const document of parseAllDocuments(readFileSync(process.argv[2], 'utf8'))) {
    const object = document.toJS();
    for (const key of Object.keys(object.kind === 'Secret' ? object.data ?? {} : {})) {
        object.data[key] = object.data[key].replaceAll('\n', ''); // folded when it is long; Kubernetes reads over that, the schema's format does not
    }
    const name = `${object.kind} ${object.metadata?.name}`;
    try {
        const { [object.kind]: Model } = await import(`kubernetes-models/${object.apiVersion}/${object.kind}`);
        new Model(object).validate();
        console.log(`valid: ${name}`);
    } catch (error) {
        faults++;
        console.log(`${name}: ${error.message}`);
    }
}
process.exit(faults === 0 ? 0 : 1);
