/** A Deployment web of an image that really listens on 8080. */
export function workload(replicas: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: ${replicas}
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: nginx
        image: nginxinc/nginx-unprivileged:1.27
        ports:
        - containerPort: 8080
        resources:
          requests:
            cpu: 100m
            memory: 64Mi
`
}

/** The web shop window of most lessons: two replicas of an image that really listens on 8080, and a Service with three different ports. */
export const WEB = `${workload(2)}---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: LoadBalancer
  selector:
    app: web
  ports:
  - port: 80
    targetPort: 8080
    nodePort: 30080
`

/** Three workers, of which the third joins when the Pods already have their places. */
export const THREE_WORKERS = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
- role: control-plane
- role: worker
- role: worker
- role: worker
---
`

/** Two workers, each with room for Pods. */
export const TWO_WORKERS = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
- role: control-plane
- role: worker
- role: worker
---
`
