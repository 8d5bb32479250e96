import { THREE_WORKERS } from './web.js'

const APPLIED = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
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
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
    targetPort: 8080
`

const indented = APPLIED.replace(/^(?=.)/gm, '        ')

export const whoTellsIptables = `${THREE_WORKERS}apiVersion: podpath.dev/v1alpha1
kind: Scenario
metadata:
  name: who-tells-iptables
spec:
  seed: podpath
  title:
    en: Who tells iptables?
    zh-TW: 是誰告訴 iptables 的？
    zh-CN: 是谁告诉 iptables 的？
  summary:
    en: From kubectl apply to rules on every Node. Nobody pushes – everybody watches.
    zh-TW: 從 kubectl apply 到每個節點上的規則。沒有人推送，大家都在監看。
    zh-CN: 从 kubectl apply 到每个节点上的规则。没有人在推送，大家都在监视。
  question:
    en: Who tells every Node's iptables that a Pod has come or gone?
    zh-TW: Pod 來了或走了，是誰告訴每個節點的 iptables？
    zh-CN: Pod 来了或走了，是谁告诉每个节点的 iptables？
  misconception:
    en: The API server logs in to each Node and changes its rules.
    zh-TW: 「API server 會登入每個節點去改規則。」
    zh-CN: “API server 会登录每个节点去改规则。”
  steps:
  - text:
      en: The cluster is empty but for its own system. The manifest below makes a Deployment of three Pods and a Service. Nobody but the API server may touch etcd.
      zh-TW: 除了系統元件，叢集是空的。接下來的資源清單會建立一個三個 Pod 的 Deployment 和一個 Service。只有 API server 能碰 etcd。
      zh-CN: 除了系统组件，集群是空的。接下来的资源清单会创建一个三个 Pod 的 Deployment 和一个 Service。只有 API server 能碰 etcd。
    open: apiserver
    predict:
      question:
        en: How many Nodes will get new rules because of it?
        zh-TW: 會有幾個節點因此得到新規則？
        zh-CN: 会有几个节点因此得到新规则？
      choices:
      - value: "1"
        text: { en: One – the control plane, zh-TW: 一個：控制平面, zh-CN: 一个：控制平面 }
      - value: "3"
        text: { en: Three – those that run a Pod of it, zh-TW: 三個：有執行它的 Pod 的節點, zh-CN: 三个：运行它的 Pod 的节点 }
      - value: "4"
        text: { en: Four – every Node there is, zh-TW: 四個：所有節點, zh-CN: 四个：所有节点 }
      answer:
        steps:
          kind: proxy-sync
          where: {}
          distinct: node
      when: after
    action:
      apply: |
${indented}
    actionLabel:
      en: Give the manifest to kubectl
      zh-TW: 執行 kubectl apply
      zh-CN: 执行 kubectl apply
  - text:
      en: Follow one Pod – written to etcd, seen by the scheduler, bound to a Node, seen by that Node's kubelet, started, given an address, listed in the EndpointSlice, seen by every kube-proxy. Each of them asked to be told; each did its own small part.
      zh-TW: 跟著一個 Pod 走：寫進 etcd、被排程器看到、繫結到節點、被那個節點的 kubelet 看到、啟動、拿到位址、列入 EndpointSlice、被每個 kube-proxy 看到。它們都是自己要求被通知，各做各的一小步。
      zh-CN: 跟着一个 Pod 走：写入 etcd、被调度器看到、绑定到节点、被该节点的 kubelet 看到、启动、拿到地址、列入 EndpointSlice、被每个 kube-proxy 看到。它们都是自己要求被通知，各做各的一小步。
    level: stations
  - text:
      en: Now scale to five and watch what is written, and by whom.
      zh-TW: 現在擴充到五個副本，看看寫了什麼、是誰寫的。
      zh-CN: 现在扩展到五个副本，看看写了什么、是谁写的。
    action:
      kubectl: scale deployment web --replicas=5
    actionLabel:
      en: kubectl scale --replicas=5
      zh-TW: 執行 kubectl scale --replicas=5
      zh-CN: 执行 kubectl scale --replicas=5
    predict:
      question:
        en: How many Pods will be created?
        zh-TW: 會建立幾個 Pod？
        zh-CN: 会创建几个 Pod？
      choices:
      - value: "2"
        text: { en: Two – the difference, zh-TW: 兩個：差幾個補幾個, zh-CN: 两个：差几个补几个 }
      - value: "5"
        text: { en: Five – all are made anew, zh-TW: 五個：全部重新建立, zh-CN: 五个：全部重新创建 }
      answer:
        steps:
          kind: etcd-write
          where: { operation: create, object.kind: Pod }
      when: after
  - text:
      en: Now you. Stop kube-proxy on node1 (Break), delete a Pod, and send requests from node1 to the Service until one fails. Why does it fail only sometimes?
      zh-TW: 換你了。用「弄壞」停掉 node1 的 kube-proxy，刪掉一個 Pod，再從 node1 一直送請求給 Service，直到有一個失敗。為什麼只是偶爾失敗？
      zh-CN: 轮到你了。用“弄坏”停掉 node1 的 kube-proxy，删掉一个 Pod，再从 node1 不断向 Service 发送请求，直到有一个失败。为什么只是偶尔失败？
    action:
      fault: { name: stop-kube-proxy, target: kube-proxy/node1 }
    actionLabel:
      en: Stop kube-proxy on node1
      zh-TW: 停掉 node1 的 kube-proxy
      zh-CN: 停掉 node1 的 kube-proxy
`
