/** What a command that has subcommands says of itself. Source: kubernetes kubectl pkg/cmd, the Long of each */
export const LONG: Readonly<Record<string, string>> = {
  '': 'kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/',
  auth: 'Inspect authorization.',
  certificate: 'Modify certificate resources.',
  config: `Modify kubeconfig files using subcommands like "kubectl config set current-context my-context".

 The loading order follows these rules:

  1.  If the --kubeconfig flag is set, then only that file is loaded. The flag may only be set once and no merging takes
place.
  2.  If $KUBECONFIG environment variable is set, then it is used as a list of paths (normal path delimiting rules for
your system). These paths are merged. When a value is modified, it is modified in the file that defines the stanza. When
a value is created, it is created in the first file that exists. If no files in the chain exist, then it creates the
last file in the list.
  3.  Otherwise, \${HOME}/.kube/config is used and no merging takes place.`,
  create: 'Create a resource from a file or from stdin.\n\n JSON and YAML formats are accepted.',
  'create secret': `Create a secret with specified type.

 A docker-registry type secret is for accessing a container registry.

 A generic type secret indicate an Opaque secret type.

 A tls type secret holds TLS certificate and its associated key.`,
  'create service': 'Create a service using a specified subcommand.',
  plugin: `Provides utilities for interacting with plugins.

 Plugins provide extended functionality that is not part of the major command-line distribution. Please refer to the
documentation and examples for more information about how write your own plugins.

 The easiest way to discover and install plugins is via the kubernetes sub-project krew: [krew.sigs.k8s.io]. To install
krew, visit https://krew.sigs.k8s.io/docs/user-guide/setup/install`,
  rollout: `Manage the rollout of one or many resources.
        
 Valid resource types include:

  *  deployments
  *  daemonsets
  *  statefulsets`,
  set: 'Configure application resources.\n\n These commands help you make changes to existing application resources.',
  top: `Display resource (CPU/memory) usage.

 This command provides a view of recent resource consumption for nodes and pods. It fetches metrics from the Metrics
Server, which aggregates this data from the kubelet on each node. The Metrics Server must be installed and running in
the cluster for this command to work.

 The metrics shown are specifically optimized for Kubernetes autoscaling decisions, such as those made by the Horizontal
Pod Autoscaler (HPA) and Vertical Pod Autoscaler (VPA). Because of this, the values may not match those from standard OS
tools like 'top', as the metrics are designed to provide a stable signal for autoscalers rather than for pinpoint
accuracy.

 When to use this command:

  *  For on-the-fly spot-checks of resource usage (e.g. identify which pods are consuming the most resources at a glance,
or get a quick sense of the load on your nodes)
  *  Understand current resource consumption patterns
  *  Validate the behavior of your HPA or VPA configurations by seeing the metrics they use for scaling decisions.
        
 It is not intended to be a replacement for full-featured monitoring solutions. Its primary design goal is to provide a
low-overhead signal for autoscalers, not to be a perfectly accurate monitoring tool. For high-accuracy reporting,
historical analysis, dashboarding, or alerting, you should use a dedicated monitoring solution.`,
}

/** The usage line where it is not `kubectl NAME SUBCOMMAND [options]`. */
export const USAGE: Readonly<Record<string, string>> = {
  '': 'kubectl [flags] [options]',
  auth: 'kubectl auth [flags] [options]',
  create: 'kubectl create -f FILENAME [options]',
  'create secret': 'kubectl create secret (docker-registry | generic | tls) [options]',
  'create service': 'kubectl create service [flags] [options]',
  plugin: 'kubectl plugin [flags] [options]',
  top: 'kubectl top [flags] [options]',
}

export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  create: [
    '# Create a pod using the data in pod.json',
    'kubectl create -f ./pod.json',
    '',
    '# Create a pod based on the JSON passed into stdin',
    'cat pod.json | kubectl create -f -',
    '',
    '# Edit the data in registry.yaml in JSON then create the resource using the edited data',
    'kubectl create -f registry.yaml --edit -o json',
  ],
  rollout: [
    '# Rollback to the previous deployment',
    'kubectl rollout undo deployment/abc',
    '',
    '# Check the rollout status of a daemonset',
    'kubectl rollout status daemonset/foo',
    '',
    '# Restart a deployment',
    'kubectl rollout restart deployment/abc',
    '',
    "# Restart deployments with the 'app=nginx' label",
    'kubectl rollout restart deployment --selector=app=nginx',
  ],
  plugin: [
    '# List all available plugins',
    'kubectl plugin list',
    '',
    '# List only binary names of available plugins without paths',
    'kubectl plugin list --name-only',
  ],
}

const AVAILABLE = 'Available Commands:'

/** The subcommands of each command, under their headings. Source: kubernetes kubectl pkg/cmd, the Short of each */
export const SUBCOMMANDS: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  '': {
    'Basic Commands (Beginner):': {
      create: 'Create a resource from a file or from stdin',
      expose: 'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
      run: 'Run a particular image on the cluster',
      set: 'Set specific features on objects',
    },
    'Basic Commands (Intermediate):': {
      explain: 'Get documentation for a resource',
      get: 'Display one or many resources',
      edit: 'Edit a resource on the server',
      delete: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
    },
    'Deploy Commands:': {
      rollout: 'Manage the rollout of a resource',
      scale: 'Set a new size for a deployment, replica set, or replication controller',
      autoscale: 'Auto-scale a deployment, replica set, stateful set, or replication controller',
    },
    'Cluster Management Commands:': {
      certificate: 'Modify certificate resources',
      'cluster-info': 'Display cluster information',
      top: 'Display resource (CPU/memory) usage',
      cordon: 'Mark node as unschedulable',
      uncordon: 'Mark node as schedulable',
      drain: 'Drain node in preparation for maintenance',
      taint: 'Update the taints on one or more nodes',
    },
    'Troubleshooting and Debugging Commands:': {
      describe: 'Show details of a specific resource or group of resources',
      logs: 'Print the logs for a container in a pod',
      attach: 'Attach to a running container',
      exec: 'Execute a command in a container',
      'port-forward': 'Forward one or more local ports to a pod',
      proxy: 'Run a proxy to the Kubernetes API server',
      cp: 'Copy files and directories to and from containers',
      auth: 'Inspect authorization',
      debug: 'Create debugging sessions for troubleshooting workloads and nodes',
      events: 'List events',
    },
    'Advanced Commands:': {
      diff: 'Diff the live version against a would-be applied version',
      apply: 'Apply a configuration to a resource by file name or stdin',
      patch: 'Update fields of a resource',
      replace: 'Replace a resource by file name or stdin',
      wait: 'Experimental: Wait for a specific condition on one or many resources',
      kustomize: 'Build a kustomization target from a directory or URL',
    },
    'Settings Commands:': {
      label: 'Update the labels on a resource',
      annotate: 'Update the annotations on a resource',
      completion: 'Output shell completion code for the specified shell (bash, zsh, fish, or powershell)',
    },
    'Subcommands provided by plugins:': {},
    'Other Commands:': {
      'api-resources': 'Print the supported API resources on the server',
      'api-versions': 'Print the supported API versions on the server, in the form of "group/version"',
      config: 'Modify kubeconfig files',
      kuberc: 'Manage kuberc configuration files',
      plugin: 'Provides utilities for interacting with plugins',
      version: 'Print the client and server version information',
    },
  },
  auth: {
    [AVAILABLE]: {
      'can-i': 'Check whether an action is allowed',
      reconcile: 'Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects',
      whoami: 'Experimental: Check self subject attributes',
    },
  },
  certificate: {
    [AVAILABLE]: { approve: 'Approve a certificate signing request', deny: 'Deny a certificate signing request' },
  },
  'cluster-info': {
    [AVAILABLE]: { dump: 'Dump relevant information for debugging and diagnosis' },
  },
  config: {
    [AVAILABLE]: {
      'current-context': 'Display the current-context',
      'delete-cluster': 'Delete the specified cluster from the kubeconfig',
      'delete-context': 'Delete the specified context from the kubeconfig',
      'delete-user': 'Delete the specified user from the kubeconfig',
      'get-clusters': 'Display clusters defined in the kubeconfig',
      'get-contexts': 'Describe one or many contexts',
      'get-users': 'Display users defined in the kubeconfig',
      'rename-context': 'Rename a context from the kubeconfig file',
      set: 'Set an individual value in a kubeconfig file',
      'set-cluster': 'Set a cluster entry in kubeconfig',
      'set-context': 'Set a context entry in kubeconfig',
      'set-credentials': 'Set a user entry in kubeconfig',
      unset: 'Unset an individual value in a kubeconfig file',
      'use-context': 'Set the current-context in a kubeconfig file',
      view: 'Display merged kubeconfig settings or a specified kubeconfig file',
    },
  },
  create: {
    [AVAILABLE]: {
      clusterrole: 'Create a cluster role',
      clusterrolebinding: 'Create a cluster role binding for a particular cluster role',
      configmap: 'Create a config map from a local file, directory or literal value',
      cronjob: 'Create a cron job with the specified name',
      deployment: 'Create a deployment with the specified name',
      ingress: 'Create an ingress with the specified name',
      job: 'Create a job with the specified name',
      namespace: 'Create a namespace with the specified name',
      poddisruptionbudget: 'Create a pod disruption budget with the specified name',
      priorityclass: 'Create a priority class with the specified name',
      quota: 'Create a quota with the specified name',
      role: 'Create a role with single rule',
      rolebinding: 'Create a role binding for a particular role or cluster role',
      secret: 'Create a secret using a specified subcommand',
      service: 'Create a service using a specified subcommand',
      serviceaccount: 'Create a service account with the specified name',
      token: 'Request a service account token',
    },
  },
  'create secret': {
    [AVAILABLE]: {
      'docker-registry': 'Create a secret for use with a Docker registry',
      generic: 'Create a secret from a local file, directory, or literal value',
      tls: 'Create a TLS secret',
    },
  },
  'create service': {
    [AVAILABLE]: {
      clusterip: 'Create a ClusterIP service',
      externalname: 'Create an ExternalName service',
      loadbalancer: 'Create a LoadBalancer service',
      nodeport: 'Create a NodePort service',
    },
  },
  plugin: {
    [AVAILABLE]: { list: "List all visible plugin executables on a user's PATH" },
  },
  rollout: {
    [AVAILABLE]: {
      history: 'View rollout history',
      pause: 'Mark the provided resource as paused',
      restart: 'Restart a resource',
      resume: 'Resume a paused resource',
      status: 'Show the status of the rollout',
      undo: 'Undo a previous rollout',
    },
  },
  set: {
    [AVAILABLE]: {
      env: 'Update environment variables on a pod template',
      image: 'Update the image of a pod template',
      resources: 'Update resource requests/limits on objects with pod templates',
      selector: 'Set the selector on a resource',
      serviceaccount: 'Update the service account of a resource',
      subject: 'Update the user, group, or service account in a role binding or cluster role binding',
    },
  },
  top: {
    [AVAILABLE]: { node: 'Display resource (CPU/memory) usage of nodes', pod: 'Display resource (CPU/memory) usage of pods' },
  },
}
