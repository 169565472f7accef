package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;

import anycast.routing.model.Entity;
import anycast.routing.model.VirtualService;
import anycast.routing.table.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class AdmissionPropertyTest {
  private static final List<String> FAULTS =
      List.of("throw at read", "throw at compile", "throw at rehearse");

  /// @param fault empty = it is good; null = the row goes
  record Step(int name, String fault) {}

  @Property(tries = 60)
  void whatComesOfABatchIsWhatComesOfItsGoodChangesAlone(
      @ForAll("batches") List<List<Step>> batches) {
    try (Rig rig = new Rig()) {
      Map<String, Long> expected = new TreeMap<>();
      long version = 0;
      for (List<Step> batch : batches) {
        List<Change> changes = new ArrayList<>();
        for (Step step : batch) {
          String name = "s" + step.name();
          version++;
          if (step.fault() == null) {
            changes.add(new Change.Remove(new Entity.VirtualServiceKey(name)));
            expected.remove(name);
          } else {
            changes.add(new Change.Put(rig.read(name, version, step.fault())));
            if (step.fault().isEmpty()) {
              expected.put(name, version);
            }
          }
        }
        rig.publish(changes);
        Map<String, Long> seen = new TreeMap<>();
        rig.table
            .current()
            .eachVirtualService((VirtualService v) -> seen.put(v.name(), v.generation()));
        assertEquals(expected, seen);
      }
    }
  }

  @Provide
  Arbitrary<List<List<Step>>> batches() {
    Arbitrary<String> fault =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(6, Arbitraries.just("")),
            net.jqwik.api.Tuple.of(2, Arbitraries.of(FAULTS)),
            net.jqwik.api.Tuple.of(1, Arbitraries.just((String) null)));
    Arbitrary<Step> step =
        Combinators.combine(Arbitraries.integers().between(0, 7), fault).as(Step::new);
    return step.list().ofMaxSize(30).list().ofMaxSize(4);
  }
}
