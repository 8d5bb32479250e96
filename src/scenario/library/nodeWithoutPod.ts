import { THREE_WORKERS, WEB } from './web.js'

export const nodeWithoutPod = `${THREE_WORKERS}apiVersion: podpath.dev/v1alpha1
kind: Scenario
metadata:
  name: node-without-pod
spec:
  seed: podpath
  joinLater: [node3]
  title:
    en: The Node without a Pod
    zh-TW: 沒有 Pod 的節點
    zh-CN: 没有 Pod 的节点
  summary:
    en: A request reaches node3, which runs no Pod of the Service. How does node3 know where to send it – and how does the answer find home?
    zh-TW: 請求到了 node3，可是 node3 上沒有這個 Service 的 Pod。node3 怎麼知道該送去哪裡？回應又怎麼找到回家的路？
    zh-CN: 请求到了 node3，可是 node3 上没有这个 Service 的 Pod。node3 怎么知道该发到哪里？响应又怎么找到回去的路？
  question:
    en: How does a Node without a Pod of its own know where to send a request?
    zh-TW: 自己沒有 Pod 的節點，怎麼知道要把請求送去哪裡？
    zh-CN: 自己没有 Pod 的节点，怎么知道要把请求发到哪里？
  misconception:
    en: A Node knows only its own Pods, so such a request is lost or asked around.
    zh-TW: 「節點只認得自己的 Pod，所以這種請求會遺失，或是要到處去問。」
    zh-CN: “节点只认识自己的 Pod，所以这种请求会丢失，或者要到处去问。”
  steps:
  - text:
      en: node3 joined after the Pods had been placed, and Kubernetes does not move running Pods. Look at node3's iptables.
      zh-TW: node3 是在 Pod 都安置好之後才加入的，而 Kubernetes 不會搬動執行中的 Pod。看看 node3 的 iptables。
      zh-CN: node3 是在 Pod 都安置好之后才加入的，而 Kubernetes 不会搬动运行中的 Pod。看看 node3 的 iptables。
    open: iptables/node3
    predict:
      question:
        en: Does node3 have rules for the Service web?
        zh-TW: node3 上有 Service web 的規則嗎？
        zh-CN: node3 上有 Service web 的规则吗？
      choices:
      - value: "yes"
        text: { en: Yes – the same as every Node, zh-TW: 有，和每個節點一樣, zh-CN: 有，和每个节点一样 }
      - value: "no"
        text: { en: No – it has no Pod of it, zh-TW: 沒有，因為它沒有這個 Service 的 Pod, zh-CN: 没有，因为它没有这个 Service 的 Pod }
      answer:
        rules: { node: node3, mention: default/web }
      when: before
  - text:
      en: Send a request straight to node3's port 30080.
      zh-TW: 直接送一個請求到 node3 的連接埠 30080。
      zh-CN: 直接发送一个请求到 node3 的端口 30080。
    action:
      request: { from: client, to: "172.18.0.13:30080" }
    actionLabel:
      en: Send to node3
      zh-TW: 送到 node3
      zh-CN: 发到 node3
    predict:
      question:
        en: Which source address will the Pod see?
        zh-TW: Pod 看到的來源位址會是什麼？
        zh-CN: Pod 看到的源地址会是什么？
      choices:
      - value: "no"
        text: { en: The client's own, zh-TW: 用戶端自己的位址, zh-CN: 客户端自己的地址 }
      - value: "yes"
        text: { en: Another one – the client's address is lost, zh-TW: 另一個位址，用戶端的位址不見了, zh-CN: 另一个地址，客户端的地址丢失了 }
      answer:
        request: { from: client, to: "172.18.0.13:30080", fact: masqueraded }
      when: before
  - text:
      en: Two rewrites on node3. The destination became a Pod on another Node. The source became node3 itself – without that, the Pod's Node would answer the client directly, from an address that the client never asked.
      zh-TW: node3 上改寫了兩次。目的地改成另一個節點上的 Pod；來源改成 node3 自己。少了第二次，Pod 所在的節點會直接回應用戶端，而那是用戶端從來沒問過的位址。
      zh-CN: node3 上改写了两次。目的地址改成另一个节点上的 Pod；源地址改成 node3 自己。少了第二次，Pod 所在的节点会直接响应客户端，而那是客户端从来没有问过的地址。
    level: stations
    predict:
      question:
        en: On how many machines is the answer's header rewritten on its way home?
        zh-TW: 回程封包的標頭，一路上會在幾台機器上被改寫？
        zh-CN: 回程数据包的首部，一路上会在几台机器上被改写？
      choices:
      - value: "0"
        text: { en: None – answers are not touched, zh-TW: 沒有，回程封包不會被動到, zh-CN: 没有，回程数据包不会被改动 }
      - value: "1"
        text: { en: One – node3 undoes both rewrites, zh-TW: 一台：node3 把兩次改寫都還原, zh-CN: 一台：node3 把两次改写都还原 }
      - value: "2"
        text: { en: Two – each Node undoes one, zh-TW: 兩台：每個節點各還原一次, zh-CN: 两台：每个节点各还原一次 }
      answer:
        steps:
          kind: rewrite
          where: { direction: reply }
          distinct: host
          flow: all
      when: after
  - text:
      en: Now you. Set externalTrafficPolicy to Local in the Service, apply it, and send to node3 again. What does the client get, and which rule decided?
      zh-TW: 換你了。把 Service 的 externalTrafficPolicy 改成 Local 並套用，再送一次到 node3。用戶端得到什麼？是哪條規則決定的？
      zh-CN: 轮到你了。把 Service 的 externalTrafficPolicy 改成 Local 并应用，再发一次到 node3。客户端得到什么？是哪条规则决定的？
---
${WEB}`
