package anycast.routing.admission;

import anycast.routing.document.DocumentReader;
import anycast.routing.feed.Legible;
import anycast.routing.model.Entity;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.table.RoutingTable;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads documents on the compiler's thread.
///
/// One that did harm when it was read, or may not be read now, comes out unread: with no rules. Its
/// row then takes the same way as any other, to the judgement that keeps it out; whoever puts
/// virtual services in force must not take one for read ([#isUnread]).
///
/// **Threading.** Any thread. **Limits.** [#MAX_UNREAD] hashes are remembered until [#forgets];
/// beyond, a document is refused anew each time.
final class Reading {
  /// What is to be done about a document.
  interface Desk {
    /// Whether it is to be left unread, because it did harm before or others did.
    boolean refuses(ContentHash hash);

    /// It did harm just now.
    void harmed(VirtualService unread, Outcome<RuleSet> how);
  }

  /// Whoever reads beside the writer: it refuses nothing and blames nobody, because the writer has
  /// read the same or will.
  static final Desk AUDITS =
      new Desk() {
        @Override
        public boolean refuses(ContentHash hash) {
          return false;
        }

        @Override
        public void harmed(VirtualService unread, Outcome<RuleSet> how) {
          LOG.warn("an audit could not read a document: {}", Legible.text(unread.name()));
        }
      };

  /// Documents may be written thousands of times while no compiler may be risked; a hash costs some
  /// 100 bytes.
  static final int MAX_UNREAD = 65_536;

  private static final Logger LOG = LoggerFactory.getLogger(Reading.class);

  private final RoutingTable table;
  private final CompilerThread compiler;
  private final Duration budget;
  private final boolean faults;
  private final Set<ContentHash> unread = ConcurrentHashMap.newKeySet();

  /// @param budget of one document, beside what its length allows
  /// @param faults whether documents may have built-in faults
  Reading(RoutingTable table, CompilerThread compiler, Duration budget, boolean faults) {
    this.table = table;
    this.compiler = compiler;
    this.budget = budget;
    this.faults = faults;
  }

  /// Whether this came out unread: each document that was read has a rule.
  static boolean isUnread(Entity entity) {
    return entity instanceof VirtualService virtual && virtual.rules().rules().isEmpty();
  }

  /// Forgets what came out unread and may be read now.
  ///
  /// @param out whether it is to stay unread
  /// @return whether there was something
  boolean forgets(Predicate<ContentHash> out) {
    return unread.removeIf(hash -> !out.test(hash));
  }

  private RuleSet leave(ContentHash hash) {
    if (unread.size() < MAX_UNREAD) {
      unread.add(hash);
    }
    return RuleSet.NONE;
  }

  /// The rules of a document; none where it is left unread.
  ///
  /// @param waiting called now and then, on the thread of whoever asks
  /// @throws IllegalArgumentException with one sentence, where the document is wrong
  RuleSet rules(String name, String document, Desk desk, Runnable waiting) {
    Entity inForce = table.current().find(new Entity.VirtualServiceKey(name));
    if (inForce instanceof VirtualService known && known.document().equals(document)) {
      return known.rules();
    }
    VirtualService bare = new VirtualService(name, document, 0);
    ContentHash hash = ContentHash.of(bare);
    if (unread.contains(hash) || desk.refuses(hash) || compiler.exhausted()) {
      return leave(hash);
    }
    Outcome<RuleSet> outcome =
        compiler.run(
            hash,
            Stage.VALIDATE,
            CompilerThread.Budget.of(budget.plus(CompilerThread.Budget.forText(document.length()))),
            waiting,
            () -> DocumentReader.rules(document, faults));
    return switch (outcome) {
      case Outcome.Done<RuleSet>(RuleSet rules) -> rules;
      case Outcome.Failed<RuleSet>(IllegalArgumentException wrong) ->
          throw new IllegalArgumentException(wrong.getMessage(), wrong);
      case Outcome.Failed<RuleSet> _,
          Outcome.OverBudget<RuleSet> _,
          Outcome.OutOfMemory<RuleSet> _ -> {
        desk.harmed(bare, outcome);
        yield leave(hash);
      }
      case Outcome.NotTried<RuleSet> _ -> leave(hash);
    };
  }
}
