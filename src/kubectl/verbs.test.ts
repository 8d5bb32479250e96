import { describe, expect, it } from 'vitest'
import { testCluster } from '../testing/kubectlCluster.js'

const CFG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cfg}\ndata: {a-b: "1"}\n'
const NOTHING_NAMED =
  "error: You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'\n"

/** A command, its exit status, and what it prints on standard output and standard error. */
type Row = readonly [command: string, exit: number, stdout: string, stderr: string]

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  'flags are read by their types': [
    [
      'scale deploy web --replicas=foo',
      1,
      '',
      'error: invalid argument "foo" for "--replicas" flag: strconv.ParseInt: parsing "foo": invalid syntax\nSee \'kubectl scale --help\' for usage.\n',
    ],
    [
      'get pods --watch=maybe',
      1,
      '',
      'error: invalid argument "maybe" for "-w, --watch" flag: strconv.ParseBool: parsing "maybe": invalid syntax\nSee \'kubectl get --help\' for usage.\n',
    ],
    [
      'wait --for=create pod/x --timeout=3',
      1,
      '',
      'error: invalid argument "3" for "--timeout" flag: time: missing unit in duration "3"\nSee \'kubectl wait --help\' for usage.\n',
    ],
    [
      'get pods --chunk-size=x',
      1,
      '',
      'error: invalid argument "x" for "--chunk-size" flag: strconv.ParseInt: parsing "x": invalid syntax\nSee \'kubectl get --help\' for usage.\n',
    ],
    ['create secret tls --foo', 1, '', "error: unknown flag: --foo\nSee 'kubectl create secret tls --help' for usage.\n"],
    [
      'label pod lone x=y --dry-run',
      1,
      '',
      'error: --dry-run flag without a value was specified. A value must be set: "none", "server", or "client".\n',
    ],
    [
      'label pod lone x=y --dry-run=maybe',
      1,
      '',
      'error: Invalid dry-run value (maybe). Must be "none", "server", or "client".\n',
    ],
    [
      'label pod lone x=y -o foo',
      1,
      '',
      'error: unable to match a printer suitable for the output format "foo", allowed formats are: go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml\n',
    ],
  ],
  'label and annotate': [
    ['label pod', 1, '', 'error: at least one label update is required\n'],
    ['label pod lone app', 1, '', 'error: at least one label update is required\n'],
    ['label pod lone app=x', 1, '', "error: 'app' already has a value (lone), and --overwrite is false\n"],
    ['label pod lone a=b a-', 1, '', 'error: can not both modify and remove a label in the same command\n'],
    ['label pod lone x=y foo', 1, '', 'error: all resources must be specified before label changes: foo\n'],
    ['label pods --all -l app=web x=y', 1, '', 'error: cannot set --all and --selector at the same time\n'],
    [
      'label pod lone x=y --resource-version=1',
      1,
      '',
      'Error from server (Conflict): Operation cannot be fulfilled on pods "lone": the object has been modified; please apply your changes to the latest version and try again\n',
    ],
    ["label pod lone x=y --dry-run=client -o jsonpath='{.metadata.labels}'", 0, '{"app":"lone","x":"y"}', ''],
    ['annotate pod lone a=b -o name', 0, 'pod/lone\n', ''],
  ],
  set: [
    ['set image', 1, '', NOTHING_NAMED],
    ['set image deploy/web', 1, '', 'error: at least one image update is required\n'],
    [
      'set image deploy/web nginx',
      1,
      '',
      "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'\n",
    ],
    ['set image deploy/web foo=x', 1, '', 'error: unable to find container named "foo"\n'],
    [
      'set image deploy/web *=nginx:1.28 a=b',
      1,
      '',
      'error: all containers are already specified by *, but saw more than one container_name=container_image pairs\n',
    ],
    ['set image deploy/web nginx=nginx:1.28 --dry-run=client', 0, 'deployment.apps/web image updated (dry run)\n', ''],
    ['set env', 1, '', 'error: one or more resources must be specified as <resource> <name> or <resource>/<name>\n'],
    [
      'set env deploy/web 1A=3',
      1,
      '',
      "error: \"1A\" is not a valid key name: a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')\n",
    ],
    [
      'set env deploy/web A=1 A-',
      1,
      '',
      'error: can not both modify and remove the same environment variable in the same command\n',
    ],
    [
      'set env deploy/web --list --from=cm/cfg --prefix=P_',
      0,
      '# Deployment web, container nginx\n# P_A_B from configmap cfg, key a-b\n# P_C from configmap cfg, key c\n# Deployment web, container side\n# P_A_B from configmap cfg, key a-b\n# P_C from configmap cfg, key c\n',
      '',
    ],
    [
      'set env deploy/web --keys=a-b X=1',
      1,
      '',
      'error: when specifying --keys, a configmap or secret must be provided with --from\n',
    ],
    ['set env deploy/web A=1 -c nope', 0, '', 'warning: Deployment/web does not have any containers matching "nope"\n'],
    [
      'set resources deploy/web',
      1,
      '',
      'error: you must specify an update to requests or limits (in the form of --requests/--limits)\n',
    ],
    ['set resources deploy/web --limits=cpu', 1, '', 'error: Invalid argument syntax cpu, expected <resource>=<value>\n'],
    ['set resources deploy/web --limits=cpu=1 -c nope', 1, '', 'error: unable to find container named nope\n'],
    ['set selector svc web app=web,tier=x', 0, 'service/web selector updated\n', ''],
    ['set selector deploy web a=b', 1, '', 'error: setting a selector is only supported for Services\n'],
    [
      "set serviceaccount deploy web robot --dry-run=client -o jsonpath='{.spec.template.spec.serviceAccountName}'",
      0,
      'robot',
      '',
    ],
    [
      'set serviceaccount cm cfg x',
      1,
      '',
      'error: configmaps/cfg the object is not a pod or does not have a pod template: ConfigMap\n',
    ],
    ['set subject rolebinding x', 1, '', 'Error from server (NotFound): rolebindings.rbac.authorization.k8s.io "x" not found\n'],
  ],
  wait: [
    ['wait pod/lone', 1, '', 'error: unrecognized condition: ""\n'],
    ['wait --for=condition=Ready', 1, '', NOTHING_NAMED],
    ['wait --for=condition=Ready pods', 1, '', 'error: resource(s) were provided, but no name was specified\n'],
    ['wait --for=condition=Ready pod/lone -o name', 0, 'pod/lone\n', ''],
    ['wait --for=condition=Ready=false pod/lone --timeout=0', 1, '', 'error: condition not met for pods/lone\n'],
    ["wait --for=jsonpath='{.status.phase}'=Running pod/lone", 0, 'pod/lone condition met\n', ''],
    [
      "wait --for=jsonpath='{.metadata.labels}'=x pod/lone",
      1,
      '',
      'error: jsonpath leads to a nested object or list which is not supported\n',
    ],
    [
      "wait --for=jsonpath='{.a}'=b=c pod/lone",
      1,
      '',
      "error: jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'\n",
    ],
    [
      'wait --for=condition=Foo deploy/web svc/web --timeout=1s',
      1,
      '',
      'timed out waiting for the condition on deployments/web\ntimed out waiting for the condition on services/web\n',
    ],
    ['wait --for=create pod/x --timeout=1s', 1, '', 'error: timed out waiting for the condition\n'],
    ['wait --for=condition=Ready pods -l app=nope', 1, '', 'error: no matching resources found\n'],
  ],
  'patch and scale': [
    ["patch pod lone -p ''", 1, '', 'error: must specify --patch or --patch-file containing the contents of the patch\n'],
    ["patch pod -p '{}'", 1, '', 'error: resource(s) were provided, but no name was specified\n'],
    ['patch deploy web -p \'{"spec":{"replicas":4}}\' --dry-run=client -o jsonpath=\'{.spec.replicas}\'', 0, '4', ''],
    ["patch deploy web -p 'spec: {replicas: 4}' --dry-run=server", 0, 'deployment.apps/web patched (server dry run)\n', ''],
    [
      'patch deploy web --subresource=scale -p \'{"spec":{"replicas":2}}\' --type=merge',
      0,
      'scale.autoscaling/web patched\n',
      '',
    ],
    [
      "patch deploy web --subresource=foo -p '{}'",
      1,
      '',
      'error: invalid subresource value: "foo". Must be one of [resize scale status]\n',
    ],
    ['scale --replicas=3', 1, '', NOTHING_NAMED],
    ['scale ds agent --replicas=1', 1, '', 'Error from server (NotFound): the server could not find the requested resource\n'],
    [
      'scale deploy web --replicas=2 --current-replicas=-3',
      1,
      '',
      'error: The --current-replicas must specify an integer of -1 or greater\n',
    ],
  ],
  run: [
    ['run x', 1, '', 'error: required flag(s) "image" not set\n'],
    ['run --image=nginx', 1, '', "error: NAME is required for run\nSee 'kubectl run -h' for help and examples\n"],
    ['run x --image=', 1, '', 'error: --image is required\n'],
    ['run x --image=NGINX', 1, '', 'error: Invalid image name "NGINX": invalid reference format\n'],
    ['run x --image=nginx --restart=Nope', 1, '', 'error: invalid restart policy: Nope\n'],
    ['run x --image=nginx -t', 1, '', 'error: -i/--stdin is required for containers with -t/--tty=true\n'],
    ['run x --image=nginx --expose', 1, '', 'error: --port must be set when exposing a service\n'],
    ['run x --image=nginx --rm', 1, '', 'error: --rm should only be used for attached containers\n'],
    [
      'run x --image=nginx --env=A=1,2 --dry-run=client -o json -- sleep 1',
      0,
      '{\n    "kind": "Pod",\n    "apiVersion": "v1",\n    "metadata": {\n        "name": "x",\n        "labels": {\n            "run": "x"\n        }\n    },\n    "spec": {\n        "containers": [\n            {\n                "name": "x",\n                "image": "nginx",\n                "args": [\n                    "sleep",\n                    "1"\n                ],\n                "env": [\n                    {\n                        "name": "A",\n                        "value": "1,2"\n                    }\n                ],\n                "resources": {}\n            }\n        ],\n        "restartPolicy": "Always",\n        "dnsPolicy": "ClusterFirst"\n    },\n    "status": {}\n}\n',
      '',
    ],
  ],
  'expose and autoscale': [
    ['expose', 1, '', `${NOTHING_NAMED}See 'kubectl expose -h' for help and examples\n`],
    [
      'expose deploy',
      1,
      '',
      "error: resource(s) were provided, but no name was specified\nSee 'kubectl expose -h' for help and examples\n",
    ],
    ['expose cm cfg --port=80', 1, '', 'error: cannot expose a ConfigMap\n'],
    [
      'expose pod lone',
      1,
      '',
      "error: couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help and examples\n",
    ],
    ['expose svc web --name=w2 --dry-run=client', 0, 'service/w2 exposed (dry run)\n', ''],
    ['autoscale deploy web --max=3 --cpu=foo', 1, '', 'error: invalid resource cpu value: foo\n'],
    [
      "autoscale deploy web --max=3 --cpu=500 --memory=60% --dry-run=client -o jsonpath='{.spec.metrics[*].resource.target}'",
      0,
      '{"averageValue":"500m","type":"AverageValue"} {"averageUtilization":60,"type":"Utilization"}',
      '',
    ],
    [
      'autoscale cm cfg --max=2',
      1,
      '',
      'error: cannot autoscale a ConfigMap: could not find scale subresource for /v1, Resource=configmaps in discovery information\n',
    ],
  ],
  create: [
    ['create ns', 1, '', "error: exactly one NAME is required, got 0\nSee 'kubectl create namespace -h' for help and examples\n"],
    ['create cronjob c --image=busybox', 1, '', 'error: required flag(s) "schedule" not set\n'],
    ['create cronjob c', 1, '', 'error: required flag(s) "image", "schedule" not set\n'],
    ['create svc externalname s', 1, '', 'error: required flag(s) "external-name" not set\n'],
    ['create svc loadbalancer s --tcp=abc', 1, '', 'error: strconv.ParseUint: parsing "abc": invalid syntax\n'],
    ['create svc clusterip s --tcp=80:0', 1, '', 'error: must be between 1 and 65535, inclusive\n'],
    ['create quota q --hard=foo', 1, '', 'error: Invalid argument syntax foo, expected <resource>=<value>\n'],
    [
      'create cm x --from-literal=a=1 --from-literal=a=2',
      1,
      '',
      'error: cannot add key "a", another key by that name already exists in Data for ConfigMap "x"\n',
    ],
    ['create cm x --from-env-file=env.txt --dry-run=client -o jsonpath={.data}', 0, '{"A":"1","B":"2"}', ''],
    ['create secret generic x --from-env-file=nope', 1, '', 'error: error reading nope: no such file or directory\n'],
    [
      'create foo',
      1,
      '',
      'Error: must specify one of -f and -k\n\nerror: unknown command "foo"\nSee \'kubectl create -h\' for help and examples\n',
    ],
    ['create secret foo', 1, '', 'error: unknown command "foo"\nSee \'kubectl create secret -h\' for help and examples\n'],
    ['create token', 1, '', "error: exactly one NAME is required, got 0\nSee 'kubectl create token -h' for help and examples\n"],
    ['create token nope', 1, '', 'error: failed to create token: serviceaccounts "nope" not found\n'],
    [
      'create token default --duration=10s',
      1,
      '',
      'error: failed to create token: TokenRequest.authentication.k8s.io "default" is invalid: spec.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes\n',
    ],
    ["create cm x --from-literal=a=1,2 --dry-run=client -o jsonpath='{.data}'", 0, '{"a":"1,2"}', ''],
    [
      'create deploy d --image=nginx --dry-run=client -o json',
      0,
      '{\n    "kind": "Deployment",\n    "apiVersion": "apps/v1",\n    "metadata": {\n        "name": "d",\n        "labels": {\n            "app": "d"\n        }\n    },\n    "spec": {\n        "replicas": 1,\n        "selector": {\n            "matchLabels": {\n                "app": "d"\n            }\n        },\n        "template": {\n            "metadata": {\n                "labels": {\n                    "app": "d"\n                }\n            },\n            "spec": {\n                "containers": [\n                    {\n                        "name": "nginx",\n                        "image": "nginx",\n                        "resources": {}\n                    }\n                ]\n            }\n        },\n        "strategy": {}\n    },\n    "status": {}\n}\n',
      '',
    ],
  ],
  'delete and replace': [
    [
      'delete pod lone --cascade=foo',
      1,
      '',
      'error: invalid cascade value (foo). Must be "background", "foreground", or "orphan"\n',
    ],
    ['delete pod lone --now --grace-period=3', 1, '', 'error: --now and --grace-period cannot be specified together\n'],
    [
      'delete pod lone --force --grace-period=5',
      1,
      '',
      'error: --force and --grace-period greater than 0 cannot be specified together\n',
    ],
    ['delete pod lone -o yaml', 1, '', "error: unexpected -o output mode: yaml. We only support '-o name'\n"],
    ['delete pod lone --all -l a=b', 1, '', 'error: cannot set --all and --selector at the same time\n'],
    ['replace -f cfg.yaml --force', 0, 'configmap "cfg" deleted from default namespace\nconfigmap/cfg replaced\n', ''],
  ],
  apply: [
    ['apply -f cfg.yaml --force-conflicts', 1, '', 'error: --force-conflicts only works with --server-side\n'],
    [
      'apply -f cfg.yaml --server-side --dry-run=client',
      1,
      '',
      "error: --dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)\n",
    ],
    [
      'apply -f cfg.yaml --prune',
      1,
      '',
      'error: all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector\n',
    ],
    ['apply -f cfg.yaml extra', 1, '', "error: Unexpected args: [extra]\nSee 'kubectl apply -h' for help and examples\n"],
    [
      'apply view-last-applied svc/web',
      0,
      'apiVersion: v1\nkind: Service\nmetadata:\n  annotations: {}\n  name: web\n  namespace: default\nspec:\n  ports:\n  - port: 80\n  selector:\n    app: web\n',
      '',
    ],
    ['apply view-last-applied pod/nope', 1, '', 'Error from server (NotFound): pods "nope" not found\n'],
  ],
  'taint, cordon and drain': [
    ['taint', 1, '', 'error: one or more resources must be specified as <resource> <name>\n'],
    ['taint node', 1, '', 'error: at least one taint update is required\n'],
    ['taint pod lone a=b:NoSchedule', 1, '', 'error: invalid resource type pod, must be one of [node nodes no]\n'],
    [
      'taint node a=b:NoSchedule',
      1,
      '',
      "error: at least one resource name must be specified since 'all' parameter is not set\n",
    ],
    [
      'taint node node1 a=b:NoSchedule a:NoSchedule-',
      1,
      '',
      'error: can not both modify and remove the following taint(s) in the same command: a=NoSchedule\n',
    ],
    ['taint node node1 a=b:NoSchedule foo', 1, '', 'error: all resources must be specified before taint changes: foo\n'],
    ['drain', 1, '', "error: USAGE: drain NODE [flags]\nSee 'kubectl drain -h' for help and examples\n"],
    [
      'drain node1 -l a=b',
      1,
      '',
      "error: cannot specify both a node name and a --selector option\nSee 'kubectl drain -h' for help and examples\n",
    ],
  ],
  get: [
    ['get pods lone -A', 1, '', 'error: a resource cannot be retrieved by name across all namespaces\n'],
    ['get pv,pvc -n kube-public', 0, '', 'No resources found\n'],
    ['get pods -n kube-public --ignore-not-found', 0, '', ''],
    [
      'get pods --sort-by=.metadata.nope',
      1,
      '',
      'error: couldn\'t find any field with path "{.metadata.nope}" in the list of objects\n',
    ],
    ['get pods --sort-by=.spec[', 1, '', 'error: sorting error: unterminated array\n'],
  ],
  'auth and top': [
    [
      'auth can-i',
      1,
      '',
      "error: you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.\n",
    ],
    ['auth can-i get foos', 0, 'yes\n', "Warning: the server doesn't have a resource type 'foos'\n\n"],
    ['auth can-i get nodes', 0, 'yes\n', "Warning: resource 'nodes' is not namespace scoped\n\n"],
    ['auth can-i fly pods', 0, 'yes\n', "Warning: verb 'fly' is not a known verb\n\n"],
    ["auth can-i '*' '*'", 0, 'yes\n', ''],
    ['auth can-i get pods -q', 0, '', ''],
    ['auth can-i list pods --as=jane', 1, 'no\n', ''],
    [
      'auth can-i --list -A',
      1,
      '',
      "error: list option can't be specified with neither quiet, all-namespaces nor subresource options\n",
    ],
    ['auth whoami --as=jane', 0, 'ATTRIBUTE   VALUE\nUsername    jane\nGroups      [system:authenticated]\n', ''],
    ['top pods', 1, '', 'error: Metrics API not available\n'],
    ['top pods --sort-by=x', 1, '', 'error: --sort-by accepts only cpu or memory\n'],
  ],
  'logs, exec and their like': [
    [
      'logs',
      1,
      '',
      "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples\n",
    ],
    ['logs lone -c foo', 1, '', 'error: container foo is not valid for pod lone out of: c\n'],
    ['logs lone -p', 1, '', 'Error from server (BadRequest): previous terminated container "c" in pod "lone" not found\n'],
    ['logs -l app=nope', 0, '', 'No resources found in default namespace.\n'],
    ['logs lone c -c c', 1, '', 'error: only one of -c or an inline [CONTAINER] arg is allowed\n'],
    ['exec lone', 1, '', 'error: you must specify at least one command for the container\n'],
    [
      'exec lone ls',
      1,
      '',
      "error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee 'kubectl exec -h' for help and examples\n",
    ],
    ['exec lone -- hostname', 0, 'lone\n', ''],
    ['exec lone -c x -- ls', 1, '', 'Error from server (BadRequest): container x is not valid for pod lone\n'],
    ['exec nope -- ls', 1, '', 'Error from server (NotFound): pods "nope" not found\n'],
    ['attach', 1, '', "error: at least 1 argument is required for attach\nSee 'kubectl attach -h' for help and examples\n"],
    ['cp', 1, '', 'error: source and destination are required\n'],
    ['cp a b', 1, '', 'error: one of src or dest must be a remote file specification\n'],
    ['cp a:/x b:/y', 1, '', 'error: one of src or dest must be a local file specification\n'],
    [
      'port-forward lone',
      1,
      '',
      "error: TYPE/NAME and list of ports are required for port-forward\nSee 'kubectl port-forward -h' for help and examples\n",
    ],
    ['edit', 1, '', NOTHING_NAMED],
    ['certificate approve', 1, '', 'error: one or more CSRs must be specified as <name> or -f <filename>\n'],
    [
      'certificate approve x',
      1,
      '',
      'Error from server (NotFound): certificatesigningrequests.certificates.k8s.io "x" not found\n',
    ],
    ['completion', 1, '', "error: Shell not specified.\nSee 'kubectl completion -h' for help and examples\n"],
    ['config use-context x', 1, '', 'error: no context exists with the name: "x"\n'],
    ['config delete-context x', 1, '', 'error: cannot delete context x, not in /etc/kubernetes/admin.conf\n'],
    ['config foo', 1, '', 'error: unknown command "foo"\nSee \'kubectl config -h\' for help and examples\n'],
    ['version -o foo', 1, '', "error: --output must be 'yaml' or 'json'\n"],
    ['cluster-info foo', 1, '', 'error: unknown command "foo"\nSee \'kubectl cluster-info -h\' for help and examples\n'],
    ['api-resources foo', 1, '', "error: unexpected arguments: [foo]\nSee 'kubectl api-resources -h' for help and examples\n"],
    ['api-resources --sort-by=x', 1, '', 'error: --sort-by accepts only name or kind\n'],
    ['events --types=Foo', 1, '', 'error: valid --types are Normal or Warning\n'],
  ],
}

/** Texts after kubernetes' staging/src/k8s.io/kubectl/pkg/cmd, each command's Complete, Validate and Run. */
describe.each(Object.entries(TABLE))('%s', (_, rows) => {
  const ask = testCluster({ 'cfg.yaml': CFG, 'env.txt': '# some\nA=1\n\nB=2\n' })

  it.each(rows)('kubectl %s', (command, exit, stdout, stderr) => {
    expect(ask(command)).toMatchObject({ exit, stdout, stderr })
  })
})

describe('what waits for something, or is told with a remark', () => {
  const ask = testCluster({ 'cfg.yaml': CFG })

  it('logs tells of which Pod it speaks', () => {
    const { exit, stdout, stderr } = ask('logs deploy/web -c side --tail=1 --prefix')
    expect(stderr).toMatch(/^Found 2 pods, using pod\/web-\S+\n$/)
    expect(stdout).toMatch(/^\[pod\/web-\S+\/side\] hello\n$/)
    expect(exit).toBe(0)
  })

  it('exec names the container that it falls back to', () => {
    const { stdout, stderr } = ask('exec deploy/web -- hostname')
    expect(stderr).toBe('Defaulted container "nginx" out of: nginx, side\n')
    expect(stdout).toMatch(/^web-\S+\n$/)
  })

  it('apply shows several objects as one List', () => {
    const two = `${CFG}---\n${CFG.replace('cfg', 'cfg2')}`
    const { stdout } = ask('apply -f two.yaml -o jsonpath={.kind}{.items[*].metadata.name}', { 'two.yaml': two })
    expect(stdout).toBe('Listcfg cfg2')
  })

  it('apply takes over fields when it is told to', () => {
    const other = CFG.replace('"1"', '"9"')
    expect(ask('apply --server-side --field-manager=x -f a.yaml', { 'a.yaml': other }).exit).toBe(1)
    expect(ask('apply --server-side --field-manager=x --force-conflicts -f a.yaml', { 'a.yaml': other })).toMatchObject({
      exit: 0,
      stdout: 'configmap/cfg serverside-applied\n',
    })
  })

  it('create token makes a token of three parts', () => {
    expect(ask('create token default').stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
  })

  it('delete does not wait where something was not there', () => {
    expect(ask('delete pods lone nope')).toMatchObject({
      exit: 1,
      stdout: 'pod "lone" deleted from default namespace\n',
      stderr: 'Error from server (NotFound): pods "nope" not found\n',
    })
  })

  it('drain dry-runs, and drains every Node that is named', () => {
    expect(ask('drain node1 --ignore-daemonsets --dry-run=client').stdout).toMatch(/^node\/node1 cordoned \(dry run\)\n/)
    const { exit, stdout } = ask('drain node1 node2 --ignore-daemonsets --force --timeout=60s')
    expect([...stdout.matchAll(/node\/(\S+) drained/g)].map((each) => each[1])).toEqual(['node1', 'node2'])
    expect(exit).toBe(0)
  })

  it('sorts quantities and numbers within names as upstream does', () => {
    const config = (name: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {s: s}}\ndata: {}\n`
    ask('apply -f s.yaml', { 's.yaml': ['s-10', 's-9', 's-1'].map(config).join('---\n') })
    expect(ask('get cm -l s=s --sort-by=.metadata.name -o name').stdout).toBe('configmap/s-1\nconfigmap/s-9\nconfigmap/s-10\n')
  })
})

describe('help', () => {
  const ask = testCluster()

  it.each([
    ['rollout', 1, 'stdout', 'kubectl rollout SUBCOMMAND [options]', '  history       View rollout history'],
    ['set', 1, 'stderr', 'kubectl set SUBCOMMAND [options]', '  env              Update environment variables on a pod template'],
    ['auth', 1, 'stderr', 'kubectl auth [flags] [options]', '  can-i         Check whether an action is allowed'],
    [
      'certificate',
      0,
      'stdout',
      'kubectl certificate SUBCOMMAND [options]',
      '  approve       Approve a certificate signing request',
    ],
    ['help', 0, 'stdout', 'kubectl [flags] [options]', '  api-resources   Print the supported API resources on the server'],
    ['rollout --help', 0, 'stdout', 'kubectl rollout SUBCOMMAND [options]', '  undo          Undo a previous rollout'],
  ] as const)('kubectl %s', (command, exit, stream, usage, line) => {
    const said = ask(command)
    expect(said.exit).toBe(exit)
    expect(said[stream]).toContain(`\nUsage:\n  ${usage}\n`)
    expect(said[stream]).toContain(`\n${line}\n`)
  })
})

describe('rollout of what is no Deployment', () => {
  const ask = testCluster()

  it('undo takes a DaemonSet back to its last revision, and says when there is none', () => {
    expect(ask('rollout undo ds/agent').stderr).toMatch(/\nerror: no last revision to roll back to\n$/)
    expect(ask('rollout undo ds/agent --to-revision=5').stderr).toMatch(
      /\nerror: unable to find specified revision 5 in history\n$/,
    )
    ask('set image ds/agent c=nginx:1.28')
    expect(ask('rollout status ds/agent --timeout=120s').stdout).toMatch(/daemon set "agent" successfully rolled out\n$/)
    expect(ask('rollout undo ds/agent --dry-run=client').stdout).toMatch(
      /^daemonset.apps\/agent will roll back to Pod Template:\n {2}Labels:\tapp=agent\n.*\n \(dry run\)\n$/s,
    )
    expect(ask('rollout undo ds/agent').stdout).toBe('daemonset.apps/agent rolled back\n')
    expect(ask('get ds agent -o jsonpath={.spec.template.spec.containers[0].image}').stdout).toBe('nginx')
    expect(ask('rollout undo ds/agent --to-revision=3').stdout).toBe(
      'daemonset.apps/agent skipped rollback (current template already matches revision 3)\n',
    )
  })

  it("status counts a StatefulSet's rolling update as a partitioned one", () => {
    const manifest =
      'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec: {serviceName: db, replicas: 1, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: nginx}]}}}\n'
    ask('apply -f db.yaml', { 'db.yaml': manifest })
    expect(ask('rollout status sts/db --timeout=60s').stdout).toMatch(
      /partitioned roll out complete: 1 new pods have been updated\.\.\.\n$/,
    )
    ask(`patch sts db -p '{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null}}}'`)
    expect(ask('rollout status sts/db')).toMatchObject({
      exit: 1,
      stderr: 'error: rollout status is only available for RollingUpdate strategy type\n',
    })
  })

  it.each([
    ['rollout resume ds/agent', 'error: daemonsets.apps "agent" resuming is not supported\n'],
    ['rollout restart pod/lone', 'error: pods "lone" restarting is not supported\n'],
    ['rollout history deploy/web --revision=-1', 'error: revision must be a positive integer: -1\n'],
    ['rollout undo pod/lone', 'error: no rollbacker has been implemented for "Pod"\n'],
  ] as const)('kubectl %s', (command, stderr) => {
    expect(ask(command)).toMatchObject({ exit: 1, stderr: expect.stringContaining(stderr) })
  })

  it('restart is refused within the same second, and while paused', () => {
    ask('rollout restart deploy/web')
    expect(ask('rollout restart deploy/web').stderr).toMatch(/^error: failed to create patch for web: if restart has already/)
    ask('rollout pause deploy/web')
    expect(ask('rollout restart deploy/web').stderr).toBe(
      'error: deployments.apps "web" can\'t restart paused deployment (run rollout resume first)\n',
    )
  })
})
