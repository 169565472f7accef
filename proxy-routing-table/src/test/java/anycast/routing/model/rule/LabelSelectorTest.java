package anycast.routing.model.rule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.AppId;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Labels;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.rule.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Selectors as texts and as conditions.
final class LabelSelectorTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                            | column 1: expected a label's name",
        "'  '                          | column 3: expected a label's name",
        "'* , a'                       | column 3: expected nothing after '*', found ','",
        "'a,'                          | column 3: expected a label's name, found the end",
        "',a'                          | column 1: expected a label's name, found ','",
        "'a,,b'                        | column 3: expected a label's name, found ','",
        "'a b'                         | column 3: expected '=', '!='",
        "'a inn (b)'                   | column 3: expected '=', '!='",
        "'a in b'                      | column 6: expected '(' and a list of values, found 'b'",
        "'a in (b'                     | column 8: expected ',' or ')', found the end",
        "'a in (b c)'                  | column 9: expected ',' or ')', found 'c'",
        "'a > 1'                       | column 3: expected '=', '!='",
        "'a = b c'                     | column 7: expected ',' or the end, found 'c'",
        "'a=-b'                        | column 3: '-b' must begin with a letter or digit",
        "'a=b-'                        | column 4: 'b-' must end with a letter or digit",
        "'-a'                          | column 1: '-a' must begin with a letter or digit",
        "'!'                           | column 2: expected a label's name, found the end",
        "'!a=b'                        | column 3: expected ',' or the end, found '='",
        "'A.b/c'                       | column 1: 'A.b' before '/' is not a DNS name",
        "'a..b/c'                      | column 2: 'a..b' before '/' is not a DNS name",
        "'a/'                          | column 3: expected a name after '/', found the end",
        "'a/b/c'                       | column 4: expected '=', '!='",
        "'tier in (gold,sil ver)'      | column 19: expected ',' or ')', found 'v'",
        "'ä=b'                         | column 1: expected a label's name, found 'ä'",
      })
  void saysWhereATextIsNoSelector(String text, String problem) {
    assertFails(problem, text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'*'                                     | '*'",
        "' * '                                   | '*'",
        "'a=b'                                   | 'a=b'",
        "'a==b'                                  | 'a=b'",
        "' a  =  b '                             | 'a=b'",
        "'a in (b)'                              | 'a=b'",
        "'a in(y , x,x)'                         | 'a in (x,y)'",
        "'a notin (b)'                           | 'a!=b'",
        "'a notin (c,b)'                         | 'a notin (b,c)'",
        "'! a'                                   | '!a'",
        "'b,a'                                   | 'a,b'",
        "'a=b,a==b,a in (b)'                     | 'a=b'",
        "'app=shop, tier in (gold,silver), !canary' | 'app=shop,!canary,tier in (gold,silver)'",
        "'a='                                    | 'a='",
        "'a=,b'                                  | 'a=,b'",
        "'a!='                                   | 'a!='",
        "'a in ()'                               | 'a='",
        "'a in (,x)'                             | 'a in (,x)'",
        "'in in (in),notin notin (notin,in)'     | 'in=in,notin notin (in,notin)'",
        "'in'                                    | 'in'",
        "'example.com/role=primary'              | 'example.com/role=primary'",
        "'a.b_c-D=1.2_3-X'                       | 'a.b_c-D=1.2_3-X'",
        "'route.host'                            | 'route.host'",
      })
  void printsACanonicalTextThatReadsTheSame(String text, String canonical) {
    LabelSelector selector = LabelSelector.parse(text);
    assertEquals(canonical, selector.text());
    assertEquals(selector, LabelSelector.parse(selector.text()));
  }

  @Test
  void holdsNamesToKubernetesLengths() {
    String longest = "x".repeat(63);
    assertEquals(longest + "=" + longest, LabelSelector.parse(longest + "=" + longest).text());
    assertFails("column 64: ", longest + "x");
    assertFails("column 66: ", "a=" + longest + "x");
    String prefix = "x".repeat(253);
    assertEquals(prefix + "/" + longest, LabelSelector.parse(prefix + "/" + longest).text());
    assertFails("column 4: expected ',' or the end", "a=b\0");
    assertFails("column 254: ", prefix + "x/a");
    // names of apps, nodes and instances may be longer than a label's value
    assertEquals("node=" + prefix, LabelSelector.parse("node=" + prefix).text());
  }

  @Test
  void holdsItsLimits() {
    assertFails("column 8193: ", "a".repeat(8_193));
    assertFails("column ", "a,".repeat(32) + "a");
    StringBuilder values = new StringBuilder("a in (v");
    for (int i = 0; i < 128; i++) {
      values.append(",v").append(i);
    }
    assertFails("column ", values + ")");
  }

  @Test
  void builtInLabelsSayWhatTheRowSays() {
    Instance instance =
        new Instance(
            new InstanceId("shop-1"),
            new AppId("shop"),
            new NodeId("wrk-fra-1"),
            new RegionCode("fra"),
            "127.0.0.1",
            0,
            Instance.State.STARTED,
            Map.of("app", "other", "region", "other", "node", "n", "instance", "i", "tier", "gold"),
            1);
    assertTrue(
        LabelSelector.parse("app=shop,region=fra,node=wrk-fra-1,instance=shop-1,tier")
            .matches(instance));
    assertFalse(LabelSelector.parse("app=other").matches(instance));
    assertFalse(LabelSelector.parse("!app").matches(instance));
    assertTrue(LabelSelector.ALL.matches(instance));
    assertTrue(LabelSelector.parse("canary!=yes").matches(instance));
    assertFalse(LabelSelector.parse("canary in ()").matches(instance));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'a=b,a=c'               | true",
        "'a=b,a!=b'              | true",
        "'a in (b,c),a notin (b,c,d)' | true",
        "'a,!a'                  | true",
        "'a=b,!a'                | true",
        "'app notin (x),!app'    | true",
        "'!app'                  | true",
        "'a in (b,c),a!=b'       | false",
        "'a!=b,!a'               | false",
        "'a!=b,a'                | false",
        "'a=b,c!=b'              | false",
        "'*'                     | false",
      })
  void namesWhatNothingCanSatisfy(String text, boolean contradictory) {
    assertEquals(contradictory, !LabelSelector.parse(text).contradiction().isEmpty());
  }

  @Property(tries = 1_000)
  void readsWhatItPrints(@ForAll("selectors") LabelSelector selector) {
    assertEquals(selector, LabelSelector.parse(selector.text()));
  }

  @Property(tries = 1_000)
  void matchesAsANaiveReaderWould(
      @ForAll("selectors") LabelSelector selector, @ForAll("labels") Map<String, String> labels) {
    boolean all = true;
    for (Requirement requirement : selector.requirements()) {
      String value = labels.get(requirement.key());
      all &=
          switch (requirement) {
            case Requirement.In in -> value != null && new ArrayList<>(in.values()).contains(value);
            case Requirement.NotIn not -> !new ArrayList<>(not.values()).contains(value);
            case Requirement.Present _ -> value != null;
            case Requirement.Absent _ -> value == null;
          };
    }
    Labels view = labels::get;
    assertEquals(all, selector.matches(view));
  }

  /// Over a key with three values and absence there are few worlds: all are tried.
  @Property(tries = 1_000)
  void contradictsItselfWhereNoWorldSatisfiesIt(@ForAll("selectors") LabelSelector selector) {
    boolean satisfiable = true;
    for (String key : List.of("a", "b", "c.d/e")) {
      List<Requirement> own =
          selector.requirements().stream().filter(r -> r.key().equals(key)).toList();
      boolean some = false;
      for (String value : new String[] {null, "", "x", "y", "elsewhere"}) {
        Map<String, String> world = new HashMap<>();
        world.put(key, value);
        some |= new LabelSelector(own).matches(world::get);
      }
      satisfiable &= some;
    }
    assertEquals(satisfiable, selector.contradiction().isEmpty());
  }

  @Provide
  Arbitrary<LabelSelector> selectors() {
    Arbitrary<String> keys = Arbitraries.of("a", "b", "c.d/e");
    Arbitrary<Set<String>> values = Arbitraries.of("", "x", "y").set().ofMinSize(1);
    Arbitrary<Requirement> requirements =
        Combinators.combine(keys, values, Arbitraries.integers().between(0, 3))
            .as((key, some, kind) ->
                switch (kind) {
                  case 0 -> new Requirement.In(key, some);
                  case 1 -> new Requirement.NotIn(key, some);
                  case 2 -> new Requirement.Present(key);
                  default -> new Requirement.Absent(key);
                });
    return requirements.list().ofMaxSize(5).map(LabelSelector::new);
  }

  @Provide
  Arbitrary<Map<String, String>> labels() {
    return Arbitraries.maps(Arbitraries.of("a", "b", "c.d/e"), Arbitraries.of("", "x", "y", "z"));
  }

  private static void assertFails(String message, String text) {
    var e = assertThrows(IllegalArgumentException.class, () -> LabelSelector.parse(text));
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }
}
