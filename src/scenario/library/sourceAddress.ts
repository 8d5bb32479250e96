import { THREE_WORKERS, WEB } from './web.js'

export const sourceAddress = `${THREE_WORKERS}apiVersion: podpath.dev/v1alpha1
kind: Scenario
metadata:
  name: source-address
spec:
  seed: podpath
  joinLater: [node3]
  title:
    en: Who is calling?
    zh-TW: 是誰打來的？
    zh-CN: 是谁打来的？
  summary:
    en: The Pod sees another source address than the client's. Where is it lost, why, and what does keeping it cost?
    zh-TW: Pod 看到的來源位址不是用戶端的。它在哪裡不見的？為什麼？保留它要付出什麼代價？
    zh-CN: Pod 看到的源地址不是客户端的。它在哪里丢失的？为什么？保留它要付出什么代价？
  question:
    en: Where is the client's address lost, and how is it kept?
    zh-TW: 用戶端的位址在哪裡不見的？怎麼樣才留得住？
    zh-CN: 客户端的地址在哪里丢失？怎样才能保留？
  misconception:
    en: The address is lost only when a packet has to cross to another Node.
    zh-TW: 「只有封包要跨到另一個節點時，來源位址才會不見。」
    zh-CN: “只有数据包要跨到另一个节点时，源地址才会丢失。”
  steps:
  - text:
      en: The Service web is of type LoadBalancer, with externalTrafficPolicy Cluster, which is the default. node1 and node2 run a Pod each, node3 none.
      zh-TW: Service web 的類型是 LoadBalancer，externalTrafficPolicy 是預設的 Cluster。node1 和 node2 各有一個 Pod，node3 沒有。
      zh-CN: Service web 的类型是 LoadBalancer，externalTrafficPolicy 是默认的 Cluster。node1 和 node2 各有一个 Pod，node3 没有。
    open: object/Service/default/web
    predict:
      question:
        en: The client (203.0.113.7) sends to node3's nodePort. Which source address does the Pod see?
        zh-TW: 用戶端（203.0.113.7）送到 node3 的 nodePort。Pod 看到的來源位址是什麼？
        zh-CN: 客户端（203.0.113.7）发到 node3 的 nodePort。Pod 看到的源地址是什么？
      choices:
      - value: 203.0.113.7
        text: { en: 203.0.113.7 – the client's own, zh-TW: 203.0.113.7：用戶端自己的, zh-CN: 203.0.113.7：客户端自己的 }
      - value: 172.18.0.13
        text: { en: 172.18.0.13 – node3's, zh-TW: 172.18.0.13：node3 的, zh-CN: 172.18.0.13：node3 的 }
      - value: 172.18.0.100
        text: { en: 172.18.0.100 – the load balancer's, zh-TW: 172.18.0.100：負載平衡器的, zh-CN: 172.18.0.100：负载均衡器的 }
      answer:
        request: { from: client, to: "172.18.0.13:30080", fact: sourceSeen }
      when: before
    action:
      request: { from: client, to: "172.18.0.13:30080" }
    actionLabel:
      en: Send to node3
      zh-TW: 送到 node3
      zh-CN: 发到 node3
  - text:
      en: node3 had to – the answer must come back through it, or nobody could undo the new destination. Now node1, which has a Pod of its own.
      zh-TW: node3 非改不可：回應得再經過它，否則沒有人能把改過的目的地還原。接下來是 node1，它自己就有 Pod。
      zh-CN: node3 非改不可：响应必须再经过它，否则没有人能把改过的目的地址还原。接下来是 node1，它自己就有 Pod。
    predict:
      question:
        en: The client sends to node1 and its rules happen to choose node1's own Pod. Is the source rewritten?
        zh-TW: 用戶端送到 node1，規則剛好選中 node1 自己的 Pod。來源位址會被改寫嗎？
        zh-CN: 客户端发到 node1，规则恰好选中 node1 自己的 Pod。源地址会被改写吗？
      choices:
      - value: "yes"
        text: { en: Yes – the rules mark the packet before they choose a Pod, zh-TW: 會：規則在選 Pod 之前就做了標記, zh-CN: 会：规则在选 Pod 之前就做了标记 }
      - value: "no"
        text: { en: No – the packet does not leave the Node, zh-TW: 不會：封包沒有離開這個節點, zh-CN: 不会：数据包没有离开这个节点 }
      answer:
        request: { from: client, to: "172.18.0.11:30080", forceTo: "10.244.1.2:8080", fact: masqueraded }
      when: before
    action:
      request: { from: client, to: "172.18.0.11:30080", forceTo: "10.244.1.2:8080" }
    actionLabel:
      en: Send to node1, to its own Pod
      zh-TW: 送到 node1，走它自己的 Pod
      zh-CN: 发到 node1，走它自己的 Pod
  - text:
      en: The mark is set in the external chain of the Service, before the dice are thrown. Now ask for the address to be kept.
      zh-TW: 標記是在 Service 的 external 鏈裡設的，那時還沒擲骰子。現在要求保留位址。
      zh-CN: 标记是在 Service 的 external 链里设的，那时还没掷骰子。现在要求保留地址。
    action:
      kubectl: patch service web -p '{"spec":{"externalTrafficPolicy":"Local"}}'
    actionLabel:
      en: Set externalTrafficPolicy Local
      zh-TW: 設定 externalTrafficPolicy 為 Local
      zh-CN: 设置 externalTrafficPolicy 为 Local
    predict:
      question:
        en: And a request to node3, which has no Pod of the Service?
        zh-TW: 那送到 node3 的請求呢？它沒有這個 Service 的 Pod。
        zh-CN: 那发到 node3 的请求呢？它没有这个 Service 的 Pod。
      choices:
      - value: delivered
        text: { en: It goes to another Node's Pod as before, zh-TW: 照舊送到別的節點的 Pod, zh-CN: 照旧发到别的节点的 Pod }
      - value: rejected
        text: { en: The client is told at once that it failed, zh-TW: 用戶端立刻得知失敗, zh-CN: 客户端立刻得知失败 }
      - value: dropped
        text: { en: Nothing comes back and the client waits, zh-TW: 沒有任何回應，用戶端一直等, zh-CN: 没有任何响应，客户端一直等 }
      answer:
        request: { from: client, to: "172.18.0.13:30080", fact: verdict }
      when: after
  - text:
      en: That is the price. A Node without a Pod drops the packet, so that the load balancer has to know better – it asks every Node's healthCheckNodePort and leaves node3 out. The client's address arrives unchanged.
      zh-TW: 這就是代價：沒有 Pod 的節點會丟掉封包，所以負載平衡器得先弄清楚。它會探測每個節點的 healthCheckNodePort，把 node3 排除在外。用戶端的位址原封不動地送到。
      zh-CN: 这就是代价：没有 Pod 的节点会丢掉数据包，所以负载均衡器得先弄清楚。它会探测每个节点的 healthCheckNodePort，把 node3 排除在外。客户端的地址原封不动地送到。
    action:
      request: { from: client, to: service/default/web:80 }
    actionLabel:
      en: Send to the load balancer
      zh-TW: 送到負載平衡器
      zh-CN: 发到负载均衡器
    predict:
      question:
        en: Which source address does the Pod see now?
        zh-TW: 現在 Pod 看到的來源位址是什麼？
        zh-CN: 现在 Pod 看到的源地址是什么？
      choices:
      - value: 203.0.113.7
        text: { en: 203.0.113.7 – the client's own, zh-TW: 203.0.113.7：用戶端自己的, zh-CN: 203.0.113.7：客户端自己的 }
      - value: 172.18.0.100
        text: { en: 172.18.0.100 – the load balancer's, zh-TW: 172.18.0.100：負載平衡器的, zh-CN: 172.18.0.100：负载均衡器的 }
      answer:
        request: { from: client, to: service/default/web:80, fact: sourceSeen }
      when: before
  - text:
      en: Now you. Scale web to three, so that one Node has two Pods (or all have one), and send 1,000 requests. Under Local each Node gets the same share, whatever number of Pods it has.
      zh-TW: 換你了。把 web 擴充到三個副本，看看 Pod 怎麼分布，再送 1,000 個請求。在 Local 之下，每個有 Pod 的節點分到的一樣多，不管它有幾個 Pod。
      zh-CN: 轮到你了。把 web 扩展到三个副本，看看 Pod 怎么分布，再发 1,000 个请求。在 Local 之下，每个有 Pod 的节点分到的一样多，不管它有几个 Pod。
    action:
      request: { from: client, to: service/default/web:80, count: 1000 }
    actionLabel:
      en: Send 1,000 requests
      zh-TW: 送出 1,000 個請求
      zh-CN: 发送 1,000 个请求
---
${WEB}`
