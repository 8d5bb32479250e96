import { THREE_WORKERS, WEB } from './web.js'

export const firstRequest = `${THREE_WORKERS}apiVersion: podpath.dev/v1alpha1
kind: Scenario
metadata:
  name: first-request
spec:
  seed: podpath
  joinLater: [node3]
  title:
    en: The first request
    zh-TW: 第一個請求
    zh-CN: 第一个请求
  summary:
    en: A request from the internet to a Pod, and its answer home again. Who chooses, and where?
    zh-TW: 一個請求從網際網路走到 Pod，回應再走回家。是誰在選？在哪裡選？
    zh-CN: 一个请求从互联网走到 Pod，响应再走回来。是谁在选择？在哪里选择？
  question:
    en: Which part of the cluster decides which Pod answers?
    zh-TW: 由哪個 Pod 回應，是叢集裡的誰決定的？
    zh-CN: 由哪个 Pod 响应，是集群里的谁决定的？
  misconception:
    en: A Service is a program that packets pass through.
    zh-TW: 「Service 是一支程式，封包會經過它。」
    zh-CN: “Service 是一个程序，数据包会经过它。”
  steps:
  - text:
      en: The Deployment web keeps two Pods. The Service web gives them one address outside, on a load balancer. Before you send anything, look for the Service in the picture – and for what would run it.
      zh-TW: Deployment web 維持兩個 Pod；Service web 在負載平衡器上給它們一個對外位址。送出請求之前，先在圖上找找這個 Service，再找找是誰在「執行」它。
      zh-CN: Deployment web 维持两个 Pod；Service web 在负载均衡器上给它们一个对外地址。发送请求之前，先在图上找找这个 Service，再找找是谁在“运行”它。
    open: object/Service/default/web
    predict:
      question:
        en: How many different Pods can answer a request to the load balancer?
        zh-TW: 送到負載平衡器的請求，可能由幾個不同的 Pod 回應？
        zh-CN: 发往负载均衡器的请求，可能由几个不同的 Pod 响应？
      choices:
      - value: "1"
        text: { en: One – the first that is ready, zh-TW: 一個：最先就緒的那個, zh-CN: 一个：最先就绪的那个 }
      - value: "2"
        text: { en: Two – every ready Pod of the Service, zh-TW: 兩個：這個 Service 所有就緒的 Pod, zh-CN: 两个：这个 Service 所有就绪的 Pod }
      - value: "3"
        text: { en: Three – one on each Node, zh-TW: 三個：每個節點各一個, zh-CN: 三个：每个节点各一个 }
      answer:
        explore: { from: client, to: service/default/web:80, fact: destinations }
      when: before
  - text:
      en: Send a request and follow it. At each station you see what the kernel does with the packet; nothing else happens to it.
      zh-TW: 送出一個請求，跟著它走。每一站都看得到核心對封包做了什麼，除此之外什麼也沒發生。
      zh-CN: 发送一个请求，跟着它走。每一站都能看到内核对数据包做了什么，除此之外什么也没发生。
    action:
      request: { from: client, to: service/default/web:80 }
    actionLabel:
      en: Send the request
      zh-TW: 送出這個請求
      zh-CN: 发送这个请求
    predict:
      question:
        en: Where will the Pod be chosen?
        zh-TW: Pod 會在哪裡被選出來？
        zh-CN: Pod 会在哪里被选出来？
      choices:
      - value: "0"
        text: { en: In the load balancer, zh-TW: 在負載平衡器, zh-CN: 在负载均衡器 }
      - value: "1"
        text: { en: In the iptables of the one Node that the packet entered, zh-TW: 在封包進入的那個節點的 iptables, zh-CN: 在数据包进入的那个节点的 iptables }
      - value: "2"
        text: { en: In the iptables of two Nodes, zh-TW: 在兩個節點的 iptables 各選一次, zh-CN: 在两个节点的 iptables 各选一次 }
      answer:
        steps:
          kind: rewrite
          where: { what: dnat, by: rule, direction: request }
          distinct: host
      when: after
  - text:
      en: The Service was nowhere on the way. It is an object in etcd; kube-proxy has written it as rules into every Node's kernel. Switch the level to Rules and step to the rule that rewrote the destination. Its probability is exact.
      zh-TW: 一路上都沒有 Service。它只是 etcd 裡的一個物件；kube-proxy 早就把它寫成規則，放進每個節點的核心。把層級切到「規則」，走到改寫目的地的那一條，上面的機率是精確值。
      zh-CN: 一路上都没有 Service。它只是 etcd 里的一个对象；kube-proxy 早已把它写成规则，放进每个节点的内核。把层级切到“规则”，走到改写目的地址的那一条，上面的概率是精确值。
    level: rules
  - text:
      en: Now you. Explore shows every way this request could have taken. Run the way that your request did not take, then send a thousand and compare the counts with the probabilities.
      zh-TW: 換你了。「探索」會列出這個請求所有可能的走法。執行剛才沒走的那一條，再送一千個請求，拿次數和機率比一比。
      zh-CN: 轮到你了。“探索”会列出这个请求所有可能的走法。运行刚才没走的那一条，再发送一千个请求，把次数和概率比一比。
    action:
      request: { from: client, to: service/default/web:80, count: 1000 }
    actionLabel:
      en: Send 1,000 requests
      zh-TW: 送出 1,000 個請求
      zh-CN: 发送 1,000 个请求
---
${WEB}`
