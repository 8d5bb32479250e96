import { TWO_WORKERS, workload } from './web.js'

export const sessionAffinity = `${TWO_WORKERS}apiVersion: podpath.dev/v1alpha1
kind: Scenario
metadata:
  name: session-affinity
spec:
  seed: podpath
  title:
    en: The same Pod again
    zh-TW: 又是同一個 Pod
    zh-CN: 又是同一个 Pod
  summary:
    en: With sessionAffinity a client keeps its Pod. Who remembers that, where, and for how long?
    zh-TW: 設了 sessionAffinity，用戶端就一直用同一個 Pod。是誰記住的？記在哪裡？記多久？
    zh-CN: 设置了 sessionAffinity，客户端就一直用同一个 Pod。是谁记住的？记在哪里？记多久？
  question:
    en: Who remembers which Pod a client was given?
    zh-TW: 用戶端分到了哪個 Pod，是誰記住的？
    zh-CN: 客户端分到了哪个 Pod，是谁记住的？
  misconception:
    en: The Service keeps a list of its clients for the whole cluster.
    zh-TW: 「Service 為整個叢集保存一份用戶端名單。」
    zh-CN: “Service 为整个集群保存一份客户端名单。”
  steps:
  - text:
      en: The Service web has three Pods and sessionAffinity ClientIP with a timeout of 60 seconds. Nobody has sent anything yet.
      zh-TW: Service web 有三個 Pod，sessionAffinity 是 ClientIP，逾時 60 秒。目前還沒有人送過請求。
      zh-CN: Service web 有三个 Pod，sessionAffinity 是 ClientIP，超时 60 秒。目前还没有人发过请求。
    open: object/Service/default/web
    predict:
      question:
        en: The client sends its first request to node1. How many Pods can it get?
        zh-TW: 用戶端第一次送請求到 node1，可能由幾個 Pod 回應？
        zh-CN: 客户端第一次向 node1 发送请求，可能由几个 Pod 响应？
      choices:
      - value: "1"
        text: { en: One – affinity has fixed it already, zh-TW: 一個：親和性早就決定好了, zh-CN: 一个：亲和性早就定好了 }
      - value: "3"
        text: { en: Three – nothing is remembered yet, zh-TW: 三個：還沒有任何紀錄, zh-CN: 三个：还没有任何记录 }
      answer:
        explore: { from: client, to: "172.18.0.11:30080", fact: destinations }
      when: before
    action:
      request: { from: client, to: "172.18.0.11:30080" }
    actionLabel:
      en: Send to node1
      zh-TW: 送到 node1
      zh-CN: 发到 node1
  - text:
      en: At level Rules you see it – the rule of the chosen Pod has put the client's address into a list of node1's kernel. From now on a rule that asks this list stands before the dice.
      zh-TW: 切到「規則」層級就看得到：被選中的 Pod 的規則，把用戶端的位址寫進 node1 核心的一份清單。之後會先問這份清單，輪不到擲骰子。
      zh-CN: 切到“规则”层级就能看到：被选中的 Pod 的规则，把客户端的地址写进 node1 内核的一份清单。之后会先问这份清单，轮不到掷骰子。
    level: rules
    predict:
      question:
        en: The same client sends to node1 again on a new connection. How many Pods can it get?
        zh-TW: 同一個用戶端用新的連線再送一次到 node1，可能由幾個 Pod 回應？
        zh-CN: 同一个客户端用新的连接再向 node1 发一次，可能由几个 Pod 响应？
      choices:
      - value: "1"
        text: { en: One – the Pod of before, zh-TW: 一個：剛才那個 Pod, zh-CN: 一个：刚才那个 Pod }
      - value: "3"
        text: { en: Three – a new connection is a new choice, zh-TW: 三個：新連線就重新選, zh-CN: 三个：新连接就重新选 }
      answer:
        explore: { from: client, to: "172.18.0.11:30080", fact: destinations }
      when: before
    action:
      request: { from: client, to: "172.18.0.11:30080" }
    actionLabel:
      en: Send to node1 again
      zh-TW: 再送一次到 node1
      zh-CN: 再发一次到 node1
  - text:
      en: The list is node1's own. Another Node's kernel knows nothing of it.
      zh-TW: 這份清單只屬於 node1，別的節點的核心並不知道。
      zh-CN: 这份清单只属于 node1，别的节点的内核并不知道。
    predict:
      question:
        en: Now the client sends to node2 instead. How many Pods can it get?
        zh-TW: 現在用戶端改送到 node2，可能由幾個 Pod 回應？
        zh-CN: 现在客户端改发到 node2，可能由几个 Pod 响应？
      choices:
      - value: "1"
        text: { en: One – the Service remembers this client, zh-TW: 一個：Service 記得這個用戶端, zh-CN: 一个：Service 记得这个客户端 }
      - value: "3"
        text: { en: Three – node2 has a list of its own, zh-TW: 三個：node2 有自己的清單, zh-CN: 三个：node2 有自己的清单 }
      answer:
        explore: { from: client, to: "172.18.0.12:30080", fact: destinations }
      when: before
  - text:
      en: Every request renews the entry. Now let the client be silent for longer than the timeout.
      zh-TW: 每次請求都會更新這筆紀錄。現在讓用戶端安靜得比逾時更久。
      zh-CN: 每次请求都会更新这条记录。现在让客户端安静得比超时更久。
    action:
      wait: 61s
    actionLabel:
      en: Wait 61 seconds
      zh-TW: 等 61 秒
      zh-CN: 等 61 秒
    predict:
      question:
        en: After 61 silent seconds the client sends to node1. How many Pods can it get?
        zh-TW: 安靜 61 秒之後，用戶端送到 node1，可能由幾個 Pod 回應？
        zh-CN: 安静 61 秒之后，客户端发到 node1，可能由几个 Pod 响应？
      choices:
      - value: "1"
        text: { en: One – affinity lasts as long as the Pod, zh-TW: 一個：Pod 還在，親和性就在, zh-CN: 一个：Pod 还在，亲和性就在 }
      - value: "3"
        text: { en: Three – the entry is too old to count, zh-TW: 三個：紀錄太舊，不算數了, zh-CN: 三个：记录太旧，不算数了 }
      answer:
        explore: { from: client, to: "172.18.0.11:30080", fact: destinations }
      when: after
  - text:
      en: Now you. Send from node1 to the Service a few times, delete the Pod that answered, and send again. What happens to affinity when its Pod is gone? Then take sessionAffinity out of the manifest and compare the rules.
      zh-TW: 換你了。從 node1 送幾次請求給 Service，刪掉回應的那個 Pod，再送一次。Pod 不見了，親和性會怎樣？然後從資源清單拿掉 sessionAffinity，比較前後的規則。
      zh-CN: 轮到你了。从 node1 向 Service 发几次请求，删掉响应的那个 Pod，再发一次。Pod 没有了，亲和性会怎样？然后从资源清单去掉 sessionAffinity，比较前后的规则。
    action:
      request: { from: node/node1, to: service/default/web:80 }
    actionLabel:
      en: Send from node1
      zh-TW: 從 node1 送出
      zh-CN: 从 node1 发出
---
${workload(3)}---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
  selector:
    app: web
  sessionAffinity: ClientIP
  sessionAffinityConfig:
    clientIP:
      timeoutSeconds: 60
  ports:
  - port: 80
    targetPort: 8080
    nodePort: 30080
`
