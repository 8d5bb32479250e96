import { TWO_WORKERS, workload } from './web.js'

export const twoProxies = `${TWO_WORKERS}apiVersion: podpath.dev/v1alpha1
kind: Scenario
metadata:
  name: two-proxies
spec:
  seed: podpath
  title:
    en: iptables or nftables?
    zh-TW: iptables 還是 nftables？
    zh-CN: iptables 还是 nftables？
  summary:
    en: Switch the proxies of a running cluster. What changes on the Nodes, what stays, and what stops working?
    zh-TW: 在運作中的叢集切換 proxy 模式。節點上什麼變了？什麼沒變？什麼不能用了？
    zh-CN: 在运行中的集群切换 proxy 模式。节点上什么变了？什么没变？什么不能用了？
  question:
    en: What is different when kube-proxy works with nftables?
    zh-TW: kube-proxy 改用 nftables，有什麼不同？
    zh-CN: kube-proxy 改用 nftables，有什么不同？
  misconception:
    en: Another mode sends packets another way, and it is switched by editing the configuration.
    zh-TW: 「換一種模式，封包就走另一條路；而且改了設定就切換好了。」
    zh-CN: “换一种模式，数据包就走另一条路；而且改了配置就切换好了。”
  steps:
  - text:
      en: Three Pods behind the Service web. The kube-proxies work with iptables. Send a request from node1 and look at the rules that it meets – a rule for each Pod, tried one after the other, with a chance of 1/3, then 1/2, then the rest.
      zh-TW: Service web 後面有三個 Pod，kube-proxy 用的是 iptables。從 node1 送一個請求，看看它碰到的規則：每個 Pod 一條，依序比對，機率先是 1/3，再來 1/2，最後是剩下的。
      zh-CN: Service web 后面有三个 Pod，kube-proxy 用的是 iptables。从 node1 发送一个请求，看看它碰到的规则：每个 Pod 一条，依次匹配，概率先是 1/3，再是 1/2，最后是剩下的。
    level: rules
    action:
      request: { from: node/node1, to: service/default/web:80 }
    actionLabel:
      en: Send from node1
      zh-TW: 從 node1 送出
      zh-CN: 从 node1 发出
    predict:
      question:
        en: What is the chance of each Pod?
        zh-TW: 每個 Pod 被選中的機率是多少？
        zh-CN: 每个 Pod 被选中的概率是多少？
      choices:
      - value: 1/2
        text: { en: Up to 1/2 – the last rules have larger numbers, zh-TW: 最多 1/2：後面的規則數字比較大, zh-CN: 最多 1/2：后面的规则数字比较大 }
      - value: 1/3
        text: { en: 1/3 for each, zh-TW: 每個都是 1/3, zh-CN: 每个都是 1/3 }
      answer:
        explore: { from: node/node1, to: service/default/web:80, fact: share }
      when: before
  - text:
      en: The mode stands in the ConfigMap kube-proxy, which every kube-proxy reads. Change it there.
      zh-TW: 模式寫在 ConfigMap kube-proxy 裡，每個 kube-proxy 都讀它。到那裡去改。
      zh-CN: 模式写在 ConfigMap kube-proxy 里，每个 kube-proxy 都读它。到那里去改。
    open: kube-proxy/node1
    action:
      apply: |
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: kube-proxy
          namespace: kube-system
        data:
          config.conf: |
            apiVersion: kubeproxy.config.k8s.io/v1alpha1
            kind: KubeProxyConfiguration
            clusterCIDR: 10.244.0.0/16
            mode: nftables
    actionLabel:
      en: Give kube-proxy the new ConfigMap
      zh-TW: 套用 ConfigMap
      zh-CN: 应用 ConfigMap
    predict:
      question:
        en: Does node1 have nftables rules now?
        zh-TW: node1 現在有 nftables 的規則了嗎？
        zh-CN: node1 现在有 nftables 的规则了吗？
      choices:
      - value: "yes"
        text: { en: Yes – kube-proxy sees the change and follows, zh-TW: 有：kube-proxy 看到變動就跟著改, zh-CN: 有：kube-proxy 看到变动就跟着改 }
      - value: "no"
        text: { en: No – it reads its configuration when it starts, zh-TW: 沒有：它啟動時才讀設定, zh-CN: 没有：它启动时才读配置 }
      answer:
        rules: { node: node1, mention: table ip kube-proxy }
      when: after
  - text:
      en: Restart the kube-proxies. Their DaemonSet replaces one Pod after the other; until its turn comes, each Node keeps its old rules, and requests go on.
      zh-TW: 重新啟動 kube-proxy。它們的 DaemonSet（讓每個節點各有一個 Pod 的物件）一個接一個替換 Pod；還沒輪到的節點保留舊規則，請求照常。
      zh-CN: 重启 kube-proxy。它们的 DaemonSet（让每个节点各有一个 Pod 的对象）一个接一个替换 Pod；还没轮到的节点保留旧规则，请求照常。
    action:
      kubectl: rollout restart daemonset kube-proxy -n kube-system
    actionLabel:
      en: kubectl rollout restart
      zh-TW: 執行 kubectl rollout restart
      zh-CN: 执行 kubectl rollout restart
    predict:
      question:
        en: What has become of the old iptables rules of node1?
        zh-TW: node1 原來的 iptables 規則怎麼了？
        zh-CN: node1 原来的 iptables 规则怎么了？
      choices:
      - value: "yes"
        text: { en: They are still there beside the new ones, zh-TW: 還在，和新的並存, zh-CN: 还在，和新的并存 }
      - value: "no"
        text: { en: kube-proxy has taken them away when it started, zh-TW: kube-proxy 啟動時把它們拿掉了, zh-CN: kube-proxy 启动时把它们拿掉了 }
      answer:
        rules: { node: node1, mention: KUBE-SERVICES }
      when: after
  - text:
      en: Now the address is looked up in a map, and one rule throws one die with three sides. Send again – other rules, the same way, the same Pods with the same chance.
      zh-TW: 現在位址是到一張對照表（map）裡查，一條規則擲一顆三面的骰子。再送一次：規則不同，走的路相同，Pod 和機率也相同。
      zh-CN: 现在地址是到一张映射表（map）里查，一条规则掷一颗三面的骰子。再发一次：规则不同，走的路相同，Pod 和概率也相同。
    level: rules
    action:
      request: { from: node/node1, to: service/default/web:80 }
    actionLabel:
      en: Send from node1 again
      zh-TW: 再從 node1 送一次
      zh-CN: 再从 node1 发一次
    predict:
      question:
        en: One thing is different. A program on node1 asks 127.0.0.1:30080, the nodePort on its own loopback address, which works with iptables. What comes of it now?
        zh-TW: 有一件事不同。node1 上的程式連 127.0.0.1:30080，也就是自己 loopback 位址上的 nodePort，在 iptables 模式下是通的。現在呢？
        zh-CN: 有一件事不同。node1 上的程序连接 127.0.0.1:30080，也就是自己 loopback 地址上的 nodePort，在 iptables 模式下是通的。现在呢？
      choices:
      - value: delivered
        text: { en: A Pod answers as before, zh-TW: 照樣有 Pod 回應, zh-CN: 照样有 Pod 响应 }
      - value: refused
        text: { en: Connection refused – nftables serves nodePorts on the Node's own address only, zh-TW: 連線被拒絕：nftables 模式只在節點自己的位址提供 nodePort, zh-CN: 连接被拒绝：nftables 模式只在节点自己的地址提供 nodePort }
      answer:
        request: { from: node/node1, to: "127.0.0.1:30080", fact: verdict }
      when: after
  - text:
      en: Now you. Switch back (in the inspector of any kube-proxy), and while the DaemonSet is half done, compare the rules of two Nodes. Then save a Node's rules under Real rules and see what differs after a change.
      zh-TW: 換你了。切換回去（在任何一個 kube-proxy 的詳細資訊裡），趁 DaemonSet 做到一半時，比較兩個節點的規則。然後把一個節點的規則放進「真實規則」，看看變動之後哪裡不同。
      zh-CN: 轮到你了。切换回去（在任何一个 kube-proxy 的详情里），趁 DaemonSet 做到一半时，比较两个节点的规则。然后把一个节点的规则放进“真实规则”，看看变动之后哪里不同。
    open: kube-proxy/node1
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
  ports:
  - port: 80
    targetPort: 8080
    nodePort: 30080
`
