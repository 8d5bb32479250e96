import { TWO_WORKERS, workload } from './web.js'

export const noEndpoints = `${TWO_WORKERS}apiVersion: podpath.dev/v1alpha1
kind: Scenario
metadata:
  name: no-endpoints
spec:
  seed: podpath
  title:
    en: A Service with nobody behind it
    zh-TW: 背後沒有人的 Service
    zh-CN: 背后没有人的 Service
  summary:
    en: The Pods run, the Service exists, and yet no request arrives. What does the client see, and which rule says so?
    zh-TW: Pod 在跑，Service 也在，請求卻到不了。用戶端看到什麼？是哪條規則說的？
    zh-CN: Pod 在运行，Service 也在，请求却到不了。客户端看到什么？是哪条规则说的？
  question:
    en: What happens to a request for a Service without endpoints?
    zh-TW: 請求送到沒有端點的 Service，會怎麼樣？
    zh-CN: 请求发到没有端点的 Service，会怎么样？
  misconception:
    en: It hangs until it times out, as behind a firewall.
    zh-TW: 「會卡住直到逾時，就像被防火牆擋住。」
    zh-CN: “会卡住直到超时，就像被防火墙挡住。”
  steps:
  - text:
      en: Two Pods with the label app=web are running and ready. The Service web was created by somebody in a hurry.
      zh-TW: 兩個帶有標籤 app=web 的 Pod 正在執行，也都就緒。Service web 則是有人匆忙建立的。
      zh-CN: 两个带有标签 app=web 的 Pod 正在运行，也都就绪。Service web 则是有人匆忙创建的。
    open: object/Service/default/web
    predict:
      question:
        en: node1 sends a request to the Service. What comes of it?
        zh-TW: node1 送一個請求給這個 Service，結果如何？
        zh-CN: node1 向这个 Service 发送一个请求，结果如何？
      choices:
      - value: delivered
        text: { en: A Pod answers, zh-TW: 有 Pod 回應, zh-CN: 有 Pod 响应 }
      - value: dropped
        text: { en: Nothing – it waits until it gives up, zh-TW: 什麼也沒有，一直等到放棄, zh-CN: 什么也没有，一直等到放弃 }
      - value: rejected
        text: { en: It is refused at once, zh-TW: 立刻被拒絕, zh-CN: 立刻被拒绝 }
      answer:
        request: { from: node/node1, to: service/default/web:80, fact: verdict }
      when: before
    action:
      request: { from: node/node1, to: service/default/web:80 }
    actionLabel:
      en: Send from node1
      zh-TW: 從 node1 送出
      zh-CN: 从 node1 发出
  - text:
      en: The selector says app=wbe, so that no Pod fits and the EndpointSlice is empty. kube-proxy knows that, and has written one rule – REJECT. The kernel answers with an ICMP message itself; the packet never leaves node1.
      zh-TW: 選擇器（selector）寫成了 app=wbe，沒有任何 Pod 符合，EndpointSlice 是空的。kube-proxy 知道這件事，寫了一條 REJECT 規則。核心自己用 ICMP 訊息回應，封包根本沒離開 node1。
      zh-CN: 选择算符（selector）写成了 app=wbe，没有任何 Pod 匹配，EndpointSlice 是空的。kube-proxy 知道这件事，写了一条 REJECT 规则。内核自己用 ICMP 消息响应，数据包根本没离开 node1。
    level: rules
    predict:
      question:
        en: What does the kernel answer, word for word of the rule?
        zh-TW: 核心用什麼回應？（規則裡的原文）
        zh-CN: 内核用什么响应？（规则里的原文）
      choices:
      - value: icmp-port-unreachable
        text: { en: icmp-port-unreachable – programs report connection refused, zh-TW: icmp-port-unreachable：程式會說連線被拒絕, zh-CN: icmp-port-unreachable：程序会说连接被拒绝 }
      - value: tcp-reset
        text: { en: tcp-reset – as a closed port does, zh-TW: tcp-reset：和關閉的連接埠一樣, zh-CN: tcp-reset：和关闭的端口一样 }
      - value: absent
        text: { en: Nothing at all, zh-TW: 什麼都沒有, zh-CN: 什么都没有 }
      answer:
        request: { from: node/node1, to: service/default/web:80, fact: with }
      when: before
  - text:
      en: Correct the selector. Watch who writes what – the API server, the EndpointSlice controller, every kube-proxy.
      zh-TW: 改正 selector。看看誰寫了什麼：API server、EndpointSlice 控制器、每個 kube-proxy。
      zh-CN: 改正 selector。看看谁写了什么：API server、EndpointSlice 控制器、每个 kube-proxy。
    action:
      kubectl: patch service web -p '{"spec":{"selector":{"app":"web"}}}'
    actionLabel:
      en: Set the selector to app=web
      zh-TW: 把 selector 改成 app=web
      zh-CN: 把 selector 改成 app=web
    predict:
      question:
        en: How many Pods can answer afterwards, without any Pod being restarted?
        zh-TW: 之後會有幾個 Pod 能回應？（沒有任何 Pod 重新啟動）
        zh-CN: 之后会有几个 Pod 能响应？（没有任何 Pod 重启）
      choices:
      - value: "0"
        text: { en: None – Pods register when they start, zh-TW: 零個：Pod 在啟動時才會登記, zh-CN: 零个：Pod 在启动时才会登记 }
      - value: "2"
        text: { en: Two – the selector is asked anew at every change, zh-TW: 兩個：每次有變動都會重新比對 selector, zh-CN: 两个：每次有变动都会重新匹配 selector }
      answer:
        explore: { from: node/node1, to: service/default/web:80, fact: destinations }
      when: after
  - text:
      en: Now you. Scale web to zero and send again – the same rule is back. Then stop kube-proxy on node1 (Break), scale to two and send from node1. Why is the request still refused?
      zh-TW: 換你了。把 web 縮減到零再送一次：同一條規則又回來了。接著用「弄壞」停掉 node1 的 kube-proxy，把副本加回兩個，再從 node1 送出。為什麼請求還是被拒絕？
      zh-CN: 轮到你了。把 web 缩减到零再发一次：同一条规则又回来了。接着用“弄坏”停掉 node1 的 kube-proxy，把副本加回两个，再从 node1 发出。为什么请求还是被拒绝？
    action:
      kubectl: scale deployment web --replicas=0
    actionLabel:
      en: Scale to zero
      zh-TW: 縮減到零
      zh-CN: 缩减到零
---
${workload(2)}---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: wbe
  ports:
  - port: 80
    targetPort: 8080
`
