package anycast.routing.pick;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.AppId;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PickerTest {
  private static final Locality SELF = new Locality(new NodeId("edge-fra"), new RegionCode("fra"));

  private static Service service(int soft, int hard) {
    return new Service(
        new AppId("shop"),
        "web",
        List.of(443),
        8080,
        Service.AppProtocol.HTTP1,
        true,
        soft,
        hard,
        1);
  }

  private static Candidate candidate(Service service, String id, String node, String region) {
    return candidate(service, id, node, region, Instance.State.STARTED);
  }

  private static Candidate candidate(
      Service service, String id, String node, String region, Instance.State state) {
    Instance instance =
        new Instance(
            new InstanceId(id),
            new AppId("shop"),
            new NodeId(node),
            new RegionCode(region),
            "127.0.0.1",
            0,
            state,
            Map.of(),
            1);
    Node host =
        new Node(new NodeId(node), new RegionCode(region), Node.Role.WORKER, node + ":7443", 1);
    return new Candidate(instance, service, host, new Load());
  }

  private static List<Candidate> pick(Picker picker, int attempts, long random) {
    return ((PickResult.Picked) picker.pick(PickRequest.of(attempts, 0, random))).candidates();
  }

  private static void load(Candidate candidate, int exchanges) {
    for (int i = 0; i < exchanges; i++) {
      candidate.load().begin();
    }
  }

  @Test
  void saysWhyNobodyIsThere() {
    Service service = service(0, 0);
    assertEquals(
        new PickResult.None(PickResult.Why.NOT_RUNNING, "no instance known"),
        Picker.of(SELF, service, List.of()).pick(PickRequest.of(3, 0, 1)));
    Candidate one = candidate(service, "a", "n1", "fra", Instance.State.STOPPED);
    assertEquals(
        new PickResult.None(PickResult.Why.NOT_RUNNING, "1 instance, none started"),
        Picker.of(SELF, service, List.of(one)).pick(PickRequest.of(3, 0, 1)));
    Candidate two = candidate(service, "b", "n1", "fra", Instance.State.STOPPING);
    assertEquals(
        new PickResult.None(PickResult.Why.NOT_RUNNING, "2 instances, none started"),
        Picker.of(SELF, service, List.of(one, two)).pick(PickRequest.of(3, 0, 1)));
    assertEquals(2, Picker.of(SELF, service, List.of(one, two)).candidates().size());
  }

  @Test
  void anInstanceOnAnEdgeIsNeverPicked() {
    Service service = service(0, 0);
    Instance instance = candidate(service, "i-1", "edge-iad", "iad").instance();
    // An edge takes no links, whatever its row says.
    Node edge =
        new Node(
            new NodeId("edge-iad"), new RegionCode("iad"), Node.Role.EDGE, "127.0.0.1:7443", 1);
    Candidate misplaced = new Candidate(instance, service, edge, new Load());
    assertInstanceOf(
        PickResult.None.class,
        Picker.of(SELF, service, List.of(misplaced)).pick(PickRequest.of(3, 0, 1)));
  }

  @Test
  void ownNodeThenOwnRegionThenTheRest() {
    Service service = service(0, 0);
    Candidate far = candidate(service, "far", "wrk-iad", "iad");
    Candidate near = candidate(service, "near", "wrk-fra", "fra");
    Candidate here = candidate(service, "here", "edge-fra", "fra");
    Picker picker = Picker.of(SELF, service, List.of(far, near, here));
    for (long random = 0; random < 100; random++) {
      assertEquals(List.of(here, near, far), pick(picker, 3, random));
    }
    load(here, 1_000);
    assertSame(here, pick(picker, 1, 5).getFirst(), "without limits nearness decides");
  }

  @Test
  void aNodeAtItsSoftLimitOverflowsIntoTheNextTier() {
    Service service = service(10, 20);
    Candidate near = candidate(service, "near", "wrk-fra", "fra");
    Candidate far = candidate(service, "far", "wrk-iad", "iad");
    Picker picker = Picker.of(SELF, service, List.of(far, near));
    load(near, 9);
    assertSame(near, pick(picker, 1, 5).getFirst());
    load(near, 1);
    assertSame(far, pick(picker, 1, 5).getFirst());
    load(far, 10);
    assertSame(near, pick(picker, 1, 5).getFirst(), "both above: the nearer");
    load(near, 10);
    assertSame(far, pick(picker, 1, 5).getFirst(), "near is full");
    load(far, 10);
    assertEquals(List.of(near, far), pick(picker, 2, 5), "full is last, not left out");
  }

  @Test
  void findsTheOneWithRoomInASmallTier() {
    Service service = service(5, 0);
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      candidates.add(candidate(service, "i" + i, "n" + i, "fra"));
      load(candidates.get(i), i == 11 ? 4 : 5);
    }
    candidates.add(candidate(service, "far", "n99", "iad"));
    Picker picker = Picker.of(SELF, service, candidates);
    for (long random = 0; random < 500; random++) {
      assertSame(candidates.get(11), pick(picker, 1, random).getFirst());
    }
  }

  @Test
  void laterAttemptsAvoidNodesAlreadyInThePlan() {
    Service service = service(0, 0);
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      candidates.add(candidate(service, "i" + i, "n1", "fra"));
    }
    Candidate lone = candidate(service, "lone", "n2", "fra");
    Candidate far = candidate(service, "far", "n3", "iad");
    candidates.add(lone);
    candidates.add(far);
    Picker picker = Picker.of(SELF, service, candidates);
    for (long random = 0; random < 500; random++) {
      List<Candidate> plan = pick(picker, 4, random);
      assertEquals(4, new HashSet<>(plan).size());
      assertEquals(
          Set.of("n1", "n2", "n3"),
          plan.subList(0, 3).stream().map(c -> c.node().id().value()).collect(Collectors.toSet()));
      assertEquals("n1", plan.getLast().node().id().value());
    }
  }

  @Test
  void aFullNodeIsNoRefugeFromADeadOne() {
    Service service = service(0, 1);
    Candidate first = candidate(service, "a", "n1", "fra");
    Candidate second = candidate(service, "b", "n1", "fra");
    Candidate full = candidate(service, "c", "n2", "fra");
    load(full, 1);
    Picker picker = Picker.of(SELF, service, List.of(first, second, full));
    for (long random = 0; random < 100; random++) {
      List<Candidate> plan = pick(picker, 3, random);
      assertEquals(Set.of(first, second), Set.copyOf(plan.subList(0, 2)));
      assertSame(full, plan.getLast());
    }
  }

  @Test
  void twoChoicesKeepTheFullestCloseToTheAverage() {
    Service service = service(0, 0);
    int instances = 50;
    Picker picker =
        Picker.of(
            SELF,
            service,
            Stream.iterate(0, i -> i < instances, i -> i + 1)
                .map(i -> candidate(service, "i" + i, "n" + i, "fra"))
                .toList());
    Random random = new Random(42);
    for (int i = 0; i < instances * 100; i++) {
      pick(picker, 1, random.nextLong()).getFirst().load().begin();
    }
    List<Integer> loads = picker.candidates().stream().map(c -> c.load().inFlight()).toList();
    // One random choice would spread 100 by 10 each way; two choices stay within log log n.
    assertTrue(loads.stream().allMatch(n -> n >= 92 && n <= 104), loads.toString());
  }

  @Test
  void equalLoadsAreSpreadEvenly() {
    Service service = service(0, 0);
    Picker picker =
        Picker.of(
            SELF,
            service,
            Stream.of("a", "b", "c", "d", "e")
                .map(i -> candidate(service, i, "n" + i, "fra"))
                .toList());
    Random random = new Random(1);
    Map<String, Long> firsts =
        Stream.generate(() -> pick(picker, 1, random.nextLong()).getFirst())
            .limit(50_000)
            .collect(Collectors.groupingBy(c -> c.instance().id().value(), Collectors.counting()));
    // 10,000 each; the standard deviation is 89.
    assertTrue(
        firsts.size() == 5 && firsts.values().stream().allMatch(n -> n > 9_500 && n < 10_500),
        firsts.toString());
  }

  @Test
  void samePickForSameRandomBits() {
    Service service = service(0, 0);
    Picker picker =
        Picker.of(
            SELF,
            service,
            Stream.iterate(0, i -> i < 40, i -> i + 1)
                .map(i -> candidate(service, "i" + i, "n" + i, "fra"))
                .toList());
    assertEquals(pick(picker, 3, 99), pick(picker, 3, 99));
    assertNotEquals(pick(picker, 3, 99), pick(picker, 3, 100));
  }

  @Property(tries = 500)
  void plansAreDistinctAndAsLongAsTheyCanBe(
      @ForAll @IntRange(max = 12) int instances,
      @ForAll @IntRange(min = 1, max = 5) int nodes,
      @ForAll @IntRange(min = -2, max = 12) int attempts,
      @ForAll long seed) {
    Random random = new Random(seed);
    Service service = service(random.nextInt(3), random.nextInt(4));
    Picker picker = Picker.of(SELF, service, List.of());
    int routable = 0;
    Set<String> hosts = new HashSet<>();
    for (int i = 0; i < instances; i++) {
      int n = random.nextInt(nodes);
      boolean started = random.nextInt(4) > 0;
      Candidate candidate =
          candidate(
              service,
              "i" + i,
              "n" + n,
              n % 2 == 0 ? "fra" : "iad",
              started ? Instance.State.STARTED : Instance.State.STOPPED);
      load(candidate, random.nextInt(4));
      picker = picker.with(candidate);
      routable += started ? 1 : 0;
      if (started) {
        hosts.add("n" + n);
      }
    }
    if (routable == 0) {
      assertTrue(picker.pick(PickRequest.of(attempts, 0, seed)) instanceof PickResult.None);
      return;
    }
    List<Candidate> plan = pick(picker, attempts, seed);
    int wanted = Math.min(routable, Math.clamp(attempts, 1, Picker.MAX_ATTEMPTS));
    assertEquals(wanted, plan.size());
    assertEquals(wanted, new HashSet<>(plan).size());
    boolean full = service.hardLimit() > 0;
    long met = plan.stream().map(c -> c.node().id()).distinct().count();
    assertFalse(!full && met < Math.min(wanted, hosts.size()), "a node in the plan twice");
  }
}
