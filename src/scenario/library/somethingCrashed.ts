import { THREE_WORKERS, WEB } from './web.js'

export const somethingCrashed = `${THREE_WORKERS}apiVersion: podpath.dev/v1alpha1
kind: Scenario
metadata:
  name: something-crashed
spec:
  seed: podpath
  title:
    en: Something crashed
    zh-TW: 有東西壞了
    zh-CN: 有东西崩溃了
  summary:
    en: A container, a Pod, a whole Node. Who notices, who repairs, and how long does it take?
    zh-TW: 一個容器、一個 Pod、一整個節點。誰會發現？誰來修？要多久？
    zh-CN: 一个容器、一个 Pod、一整个节点。谁会发现？谁来修复？要多久？
  question:
    en: Who heals what?
    zh-TW: 誰負責修復什麼？
    zh-CN: 谁负责修复什么？
  misconception:
    en: Kubernetes restarts a dead Pod, and it comes back with the same address.
    zh-TW: 「Pod 死了，Kubernetes 會把它重新啟動，位址不變。」
    zh-CN: “Pod 死了，Kubernetes 会把它重新启动，地址不变。”
  steps:
  - text:
      en: When a container exits, the kubelet starts it again in the same Pod (try it – Break, Kill a container). Now something larger, the Pod itself.
      zh-TW: 容器結束時，kubelet 會在同一個 Pod 裡把它再啟動（可以用「弄壞」的「終止容器」試試）。現在換大一點的：整個 Pod。
      zh-CN: 容器退出时，kubelet 会在同一个 Pod 里把它再次启动（可以用“弄坏”里的“终止容器”试试）。现在换大一点的：整个 Pod。
    predict:
      question:
        en: Delete a Pod of the Deployment. How many new Pods will be created?
        zh-TW: 刪掉 Deployment 的一個 Pod，會建立幾個新的 Pod？
        zh-CN: 删掉 Deployment 的一个 Pod，会创建几个新的 Pod？
      choices:
      - value: "0"
        text: { en: None – the same Pod is started again, zh-TW: 零個：同一個 Pod 會再啟動, zh-CN: 零个：同一个 Pod 会再次启动 }
      - value: "1"
        text: { en: One – with another name and another address, zh-TW: 一個：換了名字，也換了位址, zh-CN: 一个：换了名字，也换了地址 }
      answer:
        steps:
          kind: etcd-write
          where: { operation: create, object.kind: Pod }
      when: after
    action:
      kubectl: delete pod -l app=web --field-selector spec.nodeName=node1
    actionLabel:
      en: Delete the Pod on node1
      zh-TW: 刪掉 node1 上的 Pod
      zh-CN: 删掉 node1 上的 Pod
  - text:
      en: A Pod is never repaired. It was replaced – the ReplicaSet controller counted and found one missing. The new one has its own UID and its own address, so the EndpointSlice and every Node's rules had to follow. Now cut the power of node2.
      zh-TW: Pod 從來不會被修好，它是被換掉的：ReplicaSet 控制器數了數，發現少一個。新的 Pod 有自己的 UID 和位址，所以 EndpointSlice 和每個節點的規則都得跟著改。現在把 node2 斷電。
      zh-CN: Pod 从来不会被修好，它是被替换的：ReplicaSet 控制器数了数，发现少一个。新的 Pod 有自己的 UID 和地址，所以 EndpointSlice 和每个节点的规则都得跟着改。现在给 node2 断电。
    action:
      fault: { name: stop-node, target: node/node2 }
    actionLabel:
      en: Power off node2
      zh-TW: 將 node2 斷電
      zh-CN: 给 node2 断电
    predict:
      question:
        en: What will the API server say of node2's readiness in the end?
        zh-TW: 最後 API server 會怎麼說 node2 的就緒狀態？
        zh-CN: 最后 API server 会怎么说 node2 的就绪状态？
      choices:
      - value: "False"
        text: { en: "False – node2 reports that it is broken", zh-TW: False：node2 回報自己壞了, zh-CN: False：node2 报告自己坏了 }
      - value: Unknown
        text: { en: Unknown – nobody has heard from it, zh-TW: Unknown：沒有人聽到它的消息, zh-CN: Unknown：没有人收到它的消息 }
      - value: "True"
        text: { en: "True – nobody noticed", zh-TW: True：沒有人發現, zh-CN: True：没有人发现 }
      answer:
        object: { resource: nodes, key: node2, path: "status.conditions.type=Ready.status" }
      when: after
  - text:
      en: A dead machine cannot say that it is dead. The node lifecycle controller waits for its lease, then for the toleration of its Pods – minutes, not seconds. In between, rules still named the dead Pod until the EndpointSlice dropped it.
      zh-TW: 斷電的機器沒辦法說自己壞了。節點生命週期控制器先等它的租約過期，再等 Pod 的容忍時間，以分鐘計，不是幾秒。這段期間，規則裡還留著那個 Pod，直到 EndpointSlice 把它拿掉。
      zh-CN: 断电的机器没法说自己坏了。节点生命周期控制器先等它的租约过期，再等 Pod 的容忍时间，以分钟计，不是几秒。这段时间里，规则中还留着那个 Pod，直到 EndpointSlice 把它去掉。
    level: stations
  - text:
      en: Now you. Mend node2 and see what comes back and what does not. Then stop the API server and send a request – does traffic stop?
      zh-TW: 換你了。把 node2 修好，看看什麼會回來、什麼不會。再停掉 API server，送一個請求：流量會停嗎？
      zh-CN: 轮到你了。修好 node2，看看什么会回来、什么不会。再停掉 API server，发送一个请求：流量会停吗？
    action:
      fault: { name: stop-node, target: node/node2, active: false }
    actionLabel:
      en: Power node2 on again
      zh-TW: 讓 node2 重新開機
      zh-CN: 给 node2 重新上电
---
${WEB}`
