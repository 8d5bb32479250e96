/** What can be put in with one click: manifests as one would write them, real images on the ports where they listen. */
export const TEMPLATES: readonly { readonly name: string; readonly text: string }[] = [
  {
    name: 'Deployment',
    text: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: hello
spec:
  replicas: 2
  selector:
    matchLabels:
      app: hello
  template:
    metadata:
      labels:
        app: hello
    spec:
      containers:
        - name: hello
          image: nginx:1.27
          ports:
            - containerPort: 80
`,
  },
  {
    name: 'Service (ClusterIP)',
    text: `apiVersion: v1
kind: Service
metadata:
  name: hello
spec:
  selector:
    app: hello
  ports:
    - port: 80
      targetPort: 80
`,
  },
  {
    name: 'Service (NodePort)',
    text: `apiVersion: v1
kind: Service
metadata:
  name: hello-nodeport
spec:
  type: NodePort
  selector:
    app: hello
  ports:
    - port: 80
      targetPort: 80
      nodePort: 30090
`,
  },
  {
    name: 'Service (LoadBalancer)',
    text: `apiVersion: v1
kind: Service
metadata:
  name: hello-lb
spec:
  type: LoadBalancer
  selector:
    app: hello
  ports:
    - port: 80
      targetPort: 80
`,
  },
]

/** The text with another document at its end. */
export function withDocument(text: string, document: string): string {
  const before = text.trimEnd()
  return before === '' ? document : `${before}\n---\n${document}`
}
