import { TWO_WORKERS, workload } from './web.js'

export const staleWindow = `${TWO_WORKERS}apiVersion: podpath.dev/v1alpha1
kind: Scenario
metadata:
  name: stale-window
spec:
  seed: podpath
  title:
    en: The stale window
    zh-TW: 過時的那段時間
    zh-CN: 过时的那段时间
  summary:
    en: The Pod is gone and the cluster knows it, yet one Node still sends packets there. For how long, and who could know better?
    zh-TW: Pod 不見了，叢集也知道了，卻還有一個節點把封包送過去。會持續多久？誰本來可以知道？
    zh-CN: Pod 没有了，集群也知道了，却还有一个节点把数据包发过去。会持续多久？谁本来可以知道？
  question:
    en: When does a Node stop sending to a Pod that is gone?
    zh-TW: Pod 不見之後，節點什麼時候才不再把封包送過去？
    zh-CN: Pod 没有之后，节点什么时候才不再把数据包发过去？
  misconception:
    en: As soon as kubectl says that the Pod is deleted.
    zh-TW: 「kubectl 一說 Pod 刪掉了，就不會再送。」
    zh-CN: “kubectl 一说 Pod 删掉了，就不会再发。”
  steps:
  - text:
      en: Three Pods, two Nodes. Every kube-proxy hears of changes by itself and writes its own Node's rules. Make the one of node1 slow – as on a busy machine, it needs 30 seconds more. Its inspector has a slider for that, and says what it has not written yet.
      zh-TW: 三個 Pod，兩個節點。每個 kube-proxy 各自得知變動，各自寫自己節點的規則。先讓 node1 的變慢：像在忙碌的機器上一樣，要多花 30 秒。它的詳細資訊裡有一個滑桿可以調整，也會說出它還沒寫的是什麼。
      zh-CN: 三个 Pod，两个节点。每个 kube-proxy 各自得知变动，各自写自己节点的规则。先让 node1 的变慢：像在繁忙的机器上一样，要多花 30 秒。它的详情里有一个滑块可以调整，也会说出它还没写的是什么。
    open: kube-proxy/node1
    action:
      fault: { name: slow-kube-proxy, target: kube-proxy/node1, lag: 30s }
    actionLabel:
      en: Slow down node1's kube-proxy
      zh-TW: 讓 node1 的 kube-proxy 變慢
      zh-CN: 让 node1 的 kube-proxy 变慢
  - text:
      en: Now scale down to one Pod. Two Pods stop, the EndpointSlice is rewritten at once, and every watcher is told.
      zh-TW: 現在縮減到一個 Pod。兩個 Pod 停下，EndpointSlice 立刻改寫，每個監看者都得到通知。
      zh-CN: 现在缩减到一个 Pod。两个 Pod 停下，EndpointSlice 立刻改写，每个监视者都得到通知。
    action:
      kubectl: scale deployment web --replicas=1
    actionLabel:
      en: kubectl scale --replicas=1
      zh-TW: 執行 kubectl scale --replicas=1
      zh-CN: 执行 kubectl scale --replicas=1
    predict:
      question:
        en: Right afterwards node1 sends to the Service. To how many different addresses can its rules send it?
        zh-TW: 剛縮減完，node1 送請求給 Service。它的規則可能把請求送到幾個不同的位址？
        zh-CN: 刚缩减完，node1 向 Service 发送请求。它的规则可能把请求发到几个不同的地址？
      choices:
      - value: "1"
        text: { en: One – the Pod that is left, zh-TW: 一個：剩下的那個 Pod, zh-CN: 一个：剩下的那个 Pod }
      - value: "3"
        text: { en: Three – as before, zh-TW: 三個：和之前一樣, zh-CN: 三个：和之前一样 }
      answer:
        explore: { from: node/node1, to: service/default/web:80, fact: destinations }
      when: after
  - text:
      en: The API server, the EndpointSlice and the other Nodes agree that one Pod is left. Only node1's rules are from before. Its kube-proxy says which generation of the EndpointSlice it knows and of which its rules are. Choose a rule that sends to a Pod that is gone – it says which change is missing, and when it comes.
      zh-TW: API server、EndpointSlice 和其他節點都知道只剩一個 Pod，只有 node1 的規則還是以前的。它的 kube-proxy 會說它知道的是第幾代 EndpointSlice，規則又是第幾代的。選一條送往已經不在的 Pod 的規則，它會說少了哪個變動、什麼時候會補上。
      zh-CN: API server、EndpointSlice 和其他节点都知道只剩一个 Pod，只有 node1 的规则还是以前的。它的 kube-proxy 会说它知道的是第几代 EndpointSlice，规则又是第几代的。选一条发往已经没有的 Pod 的规则，它会说少了哪个变更、什么时候补上。
    open: iptables/node1
    predict:
      question:
        en: And node2, at the same moment?
        zh-TW: 同一時刻的 node2 呢？
        zh-CN: 同一时刻的 node2 呢？
      choices:
      - value: "1"
        text: { en: One address – its kube-proxy has written already, zh-TW: 一個位址：它的 kube-proxy 已經寫好了, zh-CN: 一个地址：它的 kube-proxy 已经写好了 }
      - value: "3"
        text: { en: Three – all Nodes change together, zh-TW: 三個：所有節點一起變, zh-CN: 三个：所有节点一起变 }
      answer:
        explore: { from: node/node2, to: service/default/web:80, fact: destinations }
      when: before
    action:
      request: { from: node/node1, to: service/default/web:80, count: 1000 }
    actionLabel:
      en: Send 1,000 requests from node1
      zh-TW: 從 node1 送出 1,000 個請求
      zh-CN: 从 node1 发送 1,000 个请求
  - text:
      en: About two of three requests went to addresses that nobody has any more. Nothing is broken – it is only late. Let the 30 seconds pass.
      zh-TW: 每三個請求裡約有兩個送到了已經沒有人用的位址。沒有東西壞掉，只是晚了。讓 30 秒過去。
      zh-CN: 每三个请求里约有两个发到了已经没有人用的地址。没有东西坏掉，只是晚了。让 30 秒过去。
    action:
      wait: 31s
    actionLabel:
      en: Wait 31 seconds
      zh-TW: 等 31 秒
      zh-CN: 等 31 秒
    predict:
      question:
        en: To how many addresses do node1's rules send then?
        zh-TW: 之後 node1 的規則會送到幾個位址？
        zh-CN: 之后 node1 的规则会发到几个地址？
      choices:
      - value: "1"
        text: { en: One – it has caught up, zh-TW: 一個：它趕上了, zh-CN: 一个：它赶上了 }
      - value: "3"
        text: { en: Three – somebody has to restart it, zh-TW: 三個：得有人去重新啟動它, zh-CN: 三个：得有人去重启它 }
      answer:
        explore: { from: node/node1, to: service/default/web:80, fact: destinations }
      when: after
  - text:
      en: Now you. In real clusters the window is short, but never zero. Mend the kube-proxy or set another lag on its slider (also of every Node at once), scale to three and back to one, and look for the moment between the EndpointSlice and each Node's rules on the timeline. What could a Pod do on its way out, so that nobody meets the window?
      zh-TW: 換你了。真實的叢集裡這段時間很短，但絕不是零。把 kube-proxy 修好，或用滑桿改成別的延遲（也可以一次改每個節點），擴充到三個再縮回一個，在時間軸上找出 EndpointSlice 改寫之後、每個節點的規則改寫之前的那一刻。Pod 結束前可以做什麼，讓誰都不會碰上？
      zh-CN: 轮到你了。真实的集群里这段时间很短，但绝不是零。把 kube-proxy 修好，或用滑块改成别的延迟（也可以一次改每个节点），扩展到三个再缩回一个，在时间轴上找出 EndpointSlice 改写之后、每个节点的规则改写之前的那一刻。Pod 结束前可以做什么，让谁都不会碰上？
    action:
      fault: { name: slow-kube-proxy, target: kube-proxy/node1, active: false }
    actionLabel:
      en: Mend node1's kube-proxy
      zh-TW: 修好 node1 的 kube-proxy
      zh-CN: 修好 node1 的 kube-proxy
---
${workload(3)}---
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
