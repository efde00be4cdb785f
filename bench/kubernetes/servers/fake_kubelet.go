package main

import (
	"context"
	"flag"
	"fmt"
	"os/signal"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

const (
	// On a node: it is ours to play.
	fakeNode = "fake.presage.dev/node"
	// On a node: it says nothing any more, as a machine that has lost its network.
	silentNode = "fake.presage.dev/silent"
	// On a pod: milliseconds until it runs.
	startMillis = "fake.presage.dev/start-ms"
	// On a pod: it never runs, for the reason that stands here.
	neverStarts = "fake.presage.dev/never-starts"
	// On a pod: its address; else the next one of 10.244.0.0/16.
	podAddress = "fake.presage.dev/pod-ip"

	heartbeat    = 2 * time.Second
	leaseSeconds = 8
	workers      = 16
)

// fakeKubelet says of the nodes that are ours that they are ready, and of the pods that were put there that they run.
type fakeKubelet struct {
	client kubernetes.Interface
	nodes  cache.Indexer
	pods   cache.Indexer
	queue  workqueue.TypedRateLimitingInterface[string]
	ips    atomic.Uint32
}

func runFakeKubelet(args []string) error {
	set := flag.NewFlagSet("fake-kubelet", flag.ContinueOnError)
	kubeconfig := set.String("kubeconfig", "", "file with the way to the API server")
	if err := set.Parse(args); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst, config.ContentType = 1000, 2000, "application/vnd.kubernetes.protobuf"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	placed := informers.WithTweakListOptions(func(options *meta.ListOptions) {
		options.FieldSelector = fields.OneTermNotEqualSelector("spec.nodeName", "").String()
	})
	nodes := informers.NewSharedInformerFactory(client, 0)
	pods := informers.NewSharedInformerFactoryWithOptions(client, 0, placed)
	kubelet := &fakeKubelet{
		client: client,
		nodes:  nodes.Core().V1().Nodes().Informer().GetIndexer(),
		pods:   pods.Core().V1().Pods().Informer().GetIndexer(),
		queue:  workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]()),
	}
	if err := kubelet.listen(nodes, pods); err != nil {
		return err
	}
	nodes.Start(ctx.Done())
	pods.Start(ctx.Done())
	nodes.WaitForCacheSync(ctx.Done())
	pods.WaitForCacheSync(ctx.Done())
	for range workers {
		go kubelet.work(ctx)
	}
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			kubelet.queue.ShutDown()
			return nil
		case <-ticker.C:
			for _, node := range kubelet.nodes.List() {
				kubelet.queue.Add(nodeKey(node.(*core.Node).Name))
			}
		}
	}
}

func (k *fakeKubelet) listen(nodes, pods informers.SharedInformerFactory) error {
	add := func(key func(any) (string, error)) cache.ResourceEventHandlerFuncs {
		enqueue := func(object any) {
			if name, err := key(object); err == nil {
				k.queue.Add(name)
			}
		}
		return cache.ResourceEventHandlerFuncs{
			AddFunc:    enqueue,
			UpdateFunc: func(_, object any) { enqueue(object) },
		}
	}
	if _, err := nodes.Core().V1().Nodes().Informer().AddEventHandler(add(func(object any) (string, error) {
		return nodeKey(object.(*core.Node).Name), nil
	})); err != nil {
		return err
	}
	_, err := pods.Core().V1().Pods().Informer().AddEventHandler(add(cache.MetaNamespaceKeyFunc))
	return err
}

// nodeKey tells nodes from pods in the queue: a pod's key has its namespace before the slash.
func nodeKey(name string) string { return "/" + name }

func (k *fakeKubelet) work(ctx context.Context) {
	for {
		key, stopped := k.queue.Get()
		if stopped {
			return
		}
		var err error
		if key[0] == '/' {
			err = k.beat(ctx, key[1:])
		} else {
			err = k.play(ctx, key)
		}
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			klog.Warningf("%s: %v", key, err)
			k.queue.AddRateLimited(key)
		} else {
			k.queue.Forget(key)
		}
		k.queue.Done(key)
	}
}

func (k *fakeKubelet) ours(name string) *core.Node {
	object, exists, _ := k.nodes.GetByKey(name)
	if !exists {
		return nil
	}
	node := object.(*core.Node)
	if node.Annotations[fakeNode] == "" || node.Annotations[silentNode] != "" {
		return nil
	}
	return node
}

// known tells whether a node is ours, silent or not.
func (k *fakeKubelet) known(name string) bool {
	object, exists, _ := k.nodes.GetByKey(name)
	return exists && object.(*core.Node).Annotations[fakeNode] != ""
}

func nodeReady(node *core.Node) core.ConditionStatus {
	for _, condition := range node.Status.Conditions {
		if condition.Type == core.NodeReady {
			return condition.Status
		}
	}
	return core.ConditionUnknown
}

func podReady(pod *core.Pod) core.ConditionStatus {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == core.PodReady {
			return condition.Status
		}
	}
	return core.ConditionUnknown
}

func isTrue(status core.ConditionStatus) bool { return status == core.ConditionTrue }

func (k *fakeKubelet) beat(ctx context.Context, name string) error {
	node := k.ours(name)
	if node == nil {
		return nil
	}
	if err := k.renewLease(ctx, name); err != nil {
		return err
	}
	if isTrue(nodeReady(node)) {
		return nil
	}
	now := meta.Now()
	ready := node.DeepCopy()
	ready.Status.Phase = core.NodeRunning
	ready.Status.Conditions = []core.NodeCondition{{
		Type: core.NodeReady, Status: core.ConditionTrue, Reason: "FakeKubelet", LastHeartbeatTime: now, LastTransitionTime: now,
	}}
	_, err := k.client.CoreV1().Nodes().UpdateStatus(ctx, ready, meta.UpdateOptions{})
	return err
}

func (k *fakeKubelet) renewLease(ctx context.Context, name string) error {
	leases := k.client.CoordinationV1().Leases(core.NamespaceNodeLease)
	now, seconds := meta.NowMicro(), int32(leaseSeconds)
	lease, err := leases.Get(ctx, name, meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		_, err = leases.Create(ctx, &coordination.Lease{
			ObjectMeta: meta.ObjectMeta{Name: name, Namespace: core.NamespaceNodeLease},
			Spec:       coordination.LeaseSpec{HolderIdentity: &name, LeaseDurationSeconds: &seconds, RenewTime: &now},
		}, meta.CreateOptions{})
		return err
	}
	if err != nil || now.Sub(lease.Spec.RenewTime.Time) < heartbeat/2 {
		return err
	}
	lease.Spec.RenewTime = &now
	_, err = leases.Update(ctx, lease, meta.UpdateOptions{})
	return err
}

func (k *fakeKubelet) play(ctx context.Context, key string) error {
	object, exists, _ := k.pods.GetByKey(key)
	if !exists {
		return nil
	}
	pod := object.(*core.Pod)
	node := k.ours(pod.Spec.NodeName)
	if pod.DeletionTimestamp == nil && pod.Status.Phase == core.PodRunning && !isTrue(podReady(pod)) && k.known(pod.Spec.NodeName) {
		// The node controller says so of the pods of a node that it does not hear; they are ready when it hears it again.
		if node == nil || !isTrue(nodeReady(node)) {
			k.queue.AddAfter(key, time.Second)
			return nil
		}
		return k.tell(ctx, pod, core.PodRunning, core.ContainerState{Running: &core.ContainerStateRunning{StartedAt: meta.Now()}})
	}
	if node == nil {
		return nil
	}
	pods := k.client.CoreV1().Pods(pod.Namespace)
	if pod.DeletionTimestamp != nil {
		now := int64(0)
		return pods.Delete(ctx, pod.Name, meta.DeleteOptions{
			GracePeriodSeconds: &now, Preconditions: &meta.Preconditions{UID: &pod.UID},
		})
	}
	if pod.Status.Phase != core.PodPending || len(pod.Status.ContainerStatuses) > 0 {
		return nil
	}
	if reason := pod.Annotations[neverStarts]; reason != "" {
		return k.tell(ctx, pod, core.PodPending, core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: reason}})
	}
	if left := startDelay(pod) - time.Since(scheduledAt(pod)); left > 0 {
		k.queue.AddAfter(key, left)
		return nil
	}
	return k.tell(ctx, pod, core.PodRunning, core.ContainerState{Running: &core.ContainerStateRunning{StartedAt: meta.Now()}})
}

func (k *fakeKubelet) tell(ctx context.Context, pod *core.Pod, phase core.PodPhase, state core.ContainerState) error {
	runs, now := phase == core.PodRunning, meta.Now()
	status := core.ConditionFalse
	if runs {
		status = core.ConditionTrue
	}
	told := pod.DeepCopy()
	told.Status.Phase, told.Status.StartTime = phase, &now
	if runs {
		told.Status.PodIP = k.address(pod)
		told.Status.PodIPs = []core.PodIP{{IP: told.Status.PodIP}}
	}
	said := []core.PodConditionType{core.PodInitialized, core.ContainersReady, core.PodReady}
	told.Status.Conditions = slices.DeleteFunc(told.Status.Conditions, func(condition core.PodCondition) bool {
		return slices.Contains(said, condition.Type)
	})
	for _, kind := range said {
		told.Status.Conditions = append(told.Status.Conditions, core.PodCondition{Type: kind, Status: status, LastTransitionTime: now})
	}
	told.Status.ContainerStatuses = nil
	for _, container := range pod.Spec.Containers {
		told.Status.ContainerStatuses = append(told.Status.ContainerStatuses, core.ContainerStatus{
			Name: container.Name, Image: container.Image, Ready: runs, Started: &runs, State: state,
		})
	}
	_, err := k.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, told, meta.UpdateOptions{})
	return err
}

func (k *fakeKubelet) address(pod *core.Pod) string {
	if given := pod.Annotations[podAddress]; given != "" {
		return given
	}
	if pod.Status.PodIP != "" {
		return pod.Status.PodIP
	}
	next := k.ips.Add(1)
	return fmt.Sprintf("10.244.%d.%d", next>>8&255, next&255)
}

func startDelay(pod *core.Pod) time.Duration {
	var millis int64
	fmt.Sscan(pod.Annotations[startMillis], &millis)
	return time.Duration(millis) * time.Millisecond
}

// scheduledAt has whole seconds, as all times of the API: a delay may be up to a second short.
func scheduledAt(pod *core.Pod) time.Time {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == core.PodScheduled {
			return condition.LastTransitionTime.Time
		}
	}
	return pod.CreationTimestamp.Time
}
