package anycast.routing.feed.corrosion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Backoff;
import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.StreamMachine.Request;
import anycast.routing.feed.corrosion.StreamMachine.Step;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/// What a loss calls for, and when, under virtual time.
final class StreamMachineTest {
  private static final URI A = URI.create("http://a:1");
  private static final URI B = URI.create("http://b:1");
  private static final URI C = URI.create("http://c:1");
  private static final Duration STICKINESS = Duration.ofSeconds(5);
  private static final String COLUMNS = "{\"columns\":[\"name\",\"gen\"]}\n";
  private static final String SNAPSHOT =
      COLUMNS + "{\"row\":[1,[\"a\",1]]}\n{\"eoq\":{\"change_id\":4}}\n";

  /// A machine, its clock and what it said.
  private static final class Story {
    final List<SourceEvent> events = new ArrayList<>();
    final StreamMachine machine;
    long now = -5_000_000_000L;

    Story(URI... agents) {
      machine =
          new StreamMachine(
              Table.APPS,
              Statement.of(Table.APPS.select()),
              List.of(agents),
              STICKINESS,
              new Random(7),
              events::add);
    }

    /// Waits as the machine wants.
    ///
    /// @return how long that was
    Duration idle() {
      long began = now;
      while (machine.next(now) instanceof Step.Wait(long nanos)) {
        now += nanos;
      }
      return Duration.ofNanos(now - began);
    }

    Step.Open open() {
      idle();
      return assertInstanceOf(Step.Open.class, machine.next(now));
    }

    void pass(Duration time) {
      now += time.toNanos();
    }

    boolean says(String text) throws InterruptedException {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return machine.onBytes(bytes, 0, bytes.length, now);
    }

    /// Opens a stream and takes its snapshot in.
    void live() throws InterruptedException {
      open();
      assertTrue(machine.onAnswer(Answer.opened("sub", "hash"), now));
      assertTrue(says(SNAPSHOT));
    }

    boolean refuses(int status) throws InterruptedException {
      open();
      return machine.onAnswer(Answer.refused(status, ""), now);
    }

    void refusesConnection() throws InterruptedException {
      open();
      machine.onEnd(new Ending.Broken("cannot connect"), now);
    }

    void ends() throws InterruptedException {
      machine.onEnd(new Ending.Clean(), now);
    }

    Request request() {
      return open().request();
    }

    String lastLoss() {
      return assertInstanceOf(SourceEvent.Lost.class, events.getLast()).reason();
    }
  }

  private static void subscribes(Story story) {
    assertInstanceOf(Request.Subscribe.class, story.request());
  }

  private static void resumesFrom(long from, Story story) {
    assertEquals(new Request.Resume("sub", from), story.request());
  }

  @Test
  void waitsDoubleWithJitterUpToFiveSecondsAndNeverEnd() throws Exception {
    Story story = new Story(A);
    long most = 100;
    for (int attempt = 0; attempt < 200; attempt++) {
      story.refusesConnection();
      long waited = story.idle().toMillis();
      assertTrue(waited >= most / 2 - 1 && waited <= most, attempt + ": " + waited);
      most = Math.min(5_000, most * 2);
    }
  }

  @Test
  void aStreamThatProvedItselfEarnsAQuickRetry() throws Exception {
    Story story = new Story(A);
    for (int i = 0; i < 10; i++) {
      story.refusesConnection();
    }
    story.live();
    story.pass(Duration.ofSeconds(4));
    story.ends();
    assertTrue(story.idle().toMillis() > 2_000);
    story.live();
    story.pass(Duration.ofSeconds(6));
    story.ends();
    assertTrue(story.idle().toMillis() <= 100);
  }

  @Test
  void aLostStreamIsResumedForNineMinutes() throws Exception {
    Story story = new Story(A);
    story.live();
    story.ends();
    story.pass(Duration.ofSeconds(539));
    story.refusesConnection();
    story.pass(Duration.ofMillis(400));
    resumesFrom(4, story);
    story.machine.onEnd(new Ending.Broken("reset"), story.now);
    story.pass(Duration.ofSeconds(1));
    subscribes(story);
  }

  @Test
  void aRefusedResumeSubscribesWithoutAWaitButOnlyOnce() throws Exception {
    Story story = new Story(A);
    story.live();
    story.ends();
    story.idle();
    assertFalse(story.refuses(404));
    assertEquals(Duration.ZERO, story.idle());
    story.live();
    story.ends();
    story.idle();
    assertFalse(story.refuses(404));
    assertTrue(story.idle().toMillis() > 0);
    subscribes(story);
  }

  @Test
  void aFirstReadersCutSnapshotIsAskedForAgainWithoutAWaitButOnlyOnce() throws Exception {
    Story story = new Story(A);
    for (int i = 0; i < 2; i++) {
      story.open();
      story.machine.onAnswer(Answer.opened("sub", ""), story.now);
      story.says(COLUMNS);
      story.pass(Duration.ofSeconds(30));
      story.ends();
      assertEquals(i == 0, story.idle().isZero());
    }
    subscribes(story);
  }

  @Test
  void aBigSnapshotThatIsAlwaysCutDoesNotCountAsProof() throws Exception {
    Story story = new Story(A);
    Duration waited = Duration.ZERO;
    for (int i = 0; i < 12; i++) {
      story.open();
      story.machine.onAnswer(Answer.opened("sub", ""), story.now);
      story.says(COLUMNS);
      story.pass(Duration.ofSeconds(30));
      story.ends();
      waited = story.idle();
    }
    assertTrue(waited.toMillis() >= 2_500, waited.toString());
  }

  @Test
  void aResumeThatIsAnsweredAndBringsNothingThreeTimesIsGivenUp() throws Exception {
    Story story = new Story(A);
    story.live();
    story.ends();
    for (int i = 0; i < 3; i++) {
      resumesFrom(4, story);
      assertFalse(story.machine.onAnswer(Answer.refused(500, "locked"), story.now));
    }
    subscribes(story);
  }

  @Test
  void aResumeThatEndsWithoutAWordThreeTimesIsGivenUp() throws Exception {
    Story story = new Story(A);
    story.live();
    story.ends();
    for (int i = 0; i < 3; i++) {
      resumesFrom(4, story);
      assertTrue(story.machine.onAnswer(Answer.opened("sub", "hash"), story.now));
      story.ends();
    }
    subscribes(story);
  }

  @Test
  void overloadAndAWrongTokenDoNotCostThePosition() throws Exception {
    Story story = new Story(A);
    story.live();
    story.ends();
    for (int i = 0; i < 10; i++) {
      assertFalse(story.refuses(i % 2 == 0 ? 503 : 401));
    }
    assertTrue(story.lastLoss().contains("401, the bearer token is missing or wrong"));
    resumesFrom(4, story);
  }

  @Test
  void anAgentThatAsksForTimeGetsItUpToAMinute() throws Exception {
    for (long asked : new long[] {0, 3, 60, 86_400}) {
      Story story = new Story(A);
      story.open();
      Answer later = new Answer(503, "", "", OptionalLong.of(asked), "");
      assertFalse(story.machine.onAnswer(later, story.now));
      long waited = story.idle().toMillis();
      long expected = Math.min(60_000, asked * 1_000);
      assertTrue(waited >= expected && waited <= Math.max(expected, 100), asked + ": " + waited);
    }
  }

  @Test
  void anAgentThatWorkedIsTriedAgainForItsStickiness() throws Exception {
    Story story = new Story(A, B);
    story.live();
    story.pass(Duration.ofSeconds(10));
    story.ends();
    long lost = story.now;
    while (story.open().agent().equals(A)) {
      assertTrue(story.now - lost < STICKINESS.toNanos() + Backoff.LONGEST.toNanos());
      story.machine.onEnd(new Ending.Broken("cannot connect"), story.now);
    }
    assertTrue(story.now - lost >= STICKINESS.toNanos());
    assertTrue(story.now - lost <= Duration.ofMillis(5_101).toNanos());
    assertEquals(B, story.open().agent());
    subscribes(story);
  }

  @Test
  void eachAgentIsTriedSoonAndOnlyTheRoundIsWaitedFor() throws Exception {
    Story story = new Story(A, B, C);
    Duration[] waits = new Duration[40];
    for (int i = 0; i < waits.length; i++) {
      story.refusesConnection();
      waits[i] = story.idle();
    }
    assertTrue(waits[0].toMillis() <= 100 && waits[1].toMillis() <= 100);
    assertTrue(waits[39].toMillis() >= 2_500);
  }

  @Test
  void anAgentThatNeverWorkedIsLeftAtItsFirstFailure() throws Exception {
    Story story = new Story(A, B, C);
    for (URI agent : List.of(A, B, C, A)) {
      assertEquals(agent, story.open().agent());
      story.machine.onEnd(new Ending.Broken("cannot connect"), story.now);
    }
  }

  @Test
  void itStaysWithTheOneThatWorksAndComesBackToTheFirstOnlyByWalking() throws Exception {
    Story story = new Story(A, B);
    story.refusesConnection();
    assertEquals(B, story.open().agent());
    story.live();
    for (int i = 0; i < 5; i++) {
      story.pass(Duration.ofMinutes(1));
      story.ends();
      assertEquals(B, story.open().agent());
      resumesFrom(4, story);
      assertTrue(story.machine.onAnswer(Answer.opened("sub", "hash"), story.now));
    }
  }

  @Test
  void anAgentThatNeverAnswersHasFailedSinceItWasAsked() throws Exception {
    Story story = new Story(A, B);
    story.live();
    story.pass(Duration.ofMinutes(1));
    story.machine.onEnd(new Ending.Asked("silent"), story.now);
    resumesFrom(4, story);
    story.pass(Duration.ofSeconds(20));
    story.machine.onEnd(new Ending.Broken("no answer within 20 s"), story.now);
    assertEquals(B, story.open().agent());
  }

  @Test
  void anAgentThatIsWalkedBackToInTimeIsResumed() throws Exception {
    Story story = new Story(A, B);
    story.live();
    story.ends();
    assertFalse(story.refuses(421));
    assertEquals(B, story.open().agent());
    subscribes(story);
    story.machine.onEnd(new Ending.Broken("cannot connect"), story.now);
    assertEquals(A, story.open().agent());
    resumesFrom(4, story);
  }

  @Test
  void anAgentWithOtherNameIsAskedAgainWhereThereIsNoOther() throws Exception {
    Story story = new Story(A);
    assertFalse(story.refuses(421));
    assertTrue(story.idle().toMillis() >= 50);
    subscribes(story);
  }

  @Test
  void whatIsAskedForDoesNotWait() throws Exception {
    Story story = new Story(A);
    story.live();
    story.machine.onEnd(new Ending.Asked("silent"), story.now);
    assertEquals(Duration.ZERO, story.idle());
    resumesFrom(4, story);
    story.machine.onAnswer(Answer.opened("", ""), story.now);
    story.pass(Duration.ofSeconds(6));
    story.machine.resnapshot();
    story.machine.onEnd(new Ending.Asked("an operator"), story.now);
    assertEquals(Duration.ZERO, story.idle());
    subscribes(story);
    story.machine.onEnd(new Ending.Broken("cannot connect"), story.now);
    story.machine.resnapshot();
    assertEquals(Duration.ZERO, story.idle());
  }

  @Test
  void anAgentFoundUnfitIsLeftAlthoughItAlwaysWorked() throws Exception {
    Story story = new Story(A, B);
    story.live();
    story.pass(Duration.ofHours(1));
    story.machine.onEnd(new Ending.Unfit("silent again"), story.now);
    assertTrue(story.idle().toMillis() <= 100);
    assertEquals(B, story.open().agent());
    subscribes(story);
    assertEquals(A + ": silent again", story.lastLoss());
  }

  @Test
  void theOnlyAgentGoesOnWhateverItIsFoundToBe() throws Exception {
    Story story = new Story(A);
    story.live();
    for (int i = 0; i < 5; i++) {
      story.pass(Duration.ofSeconds(10));
      story.machine.onEnd(new Ending.Unfit("silent again"), story.now);
      assertTrue(story.idle().toMillis() <= 100);
      resumesFrom(4, story);
      assertTrue(story.machine.onAnswer(Answer.opened("sub", "hash"), story.now));
    }
  }

  @Test
  void whoAsksInACircleWaits() throws Exception {
    Story story = new Story(A);
    Duration waited = Duration.ZERO;
    for (int i = 0; i < 10; i++) {
      story.live();
      story.machine.resnapshot();
      story.machine.onEnd(new Ending.Asked("a row that nobody had"), story.now);
      waited = story.idle();
      subscribes(story);
    }
    assertTrue(waited.toMillis() >= 2_500, waited.toString());
  }

  @Test
  void aSnapshotAskedForWhileAResumeIsOnItsWayIsASnapshot() throws Exception {
    Story story = new Story(A);
    story.live();
    story.ends();
    resumesFrom(4, story);
    story.machine.resnapshot();
    assertTrue(story.machine.onAnswer(Answer.opened("sub", "hash"), story.now));
    story.machine.onEnd(new Ending.Asked("an operator"), story.now);
    subscribes(story);
  }

  @Test
  void resumingCountsFromTheLastWholeChange() throws Exception {
    Story story = new Story(A);
    story.live();
    story.says("{\"change\":[\"update\",1,[\"a\",2],5]}\n{\"change\":[\"update\",1,[\"a\",3],6]}");
    story.ends();
    resumesFrom(5, story);
    assertEquals(A + ": the agent ended the stream, within a line", story.lastLoss());
  }

  @Test
  void anOpenStreamIsNotOpenedTwice() throws Exception {
    Story story = new Story(A);
    story.live();
    assertThrows(IllegalStateException.class, () -> story.machine.next(story.now));
    story.ends();
    int told = story.events.size();
    story.ends();
    assertEquals(told, story.events.size());
  }

  private static final Duration QUIET = StreamMachine.QUIET;
  private static final Duration OWED = Duration.ofSeconds(20);
  private static final String EMPTY_LOG = COLUMNS + "{\"eoq\":{\"change_id\":0}}\n";

  /// Nothing comes for as long as the machine waits.
  private static void quiet(Story story) throws InterruptedException {
    story.now += story.machine.patienceNanos(OWED, QUIET);
    story.machine.onEnd(new Ending.Quiet("not a byte"), story.now);
  }

  @Test
  void changesThatTakeEffectTogetherAreToldInOnePieceOrNotAtAll() throws Exception {
    Story story = new Story(A);
    story.live();
    int told = story.events.size();
    assertTrue(story.says("{\"change\":[\"update\",1,[\"a\",2],5]} \n"));
    assertTrue(story.says("{\"change\":[\"insert\",2,[\"b\",1],6]} \n"));
    assertEquals(told, story.events.size());
    story.ends();
    story.idle();
    resumesFrom(4, story);
    assertTrue(story.machine.onAnswer(Answer.opened("sub", "hash"), story.now));
    assertTrue(story.says("{\"change\":[\"update\",1,[\"a\",2],5]} \n"));
    assertTrue(story.says("{\"change\":[\"insert\",2,[\"b\",1],6]}\n"));
    SourceEvent.Together together =
        assertInstanceOf(SourceEvent.Together.class, story.events.getLast());
    assertEquals(
        List.of(5L, 6L), together.changes().stream().map(SourceEvent.Changed::position).toList());
    story.ends();
    story.idle();
    resumesFrom(6, story);
  }

  @Test
  void aQuietStreamIsResumedAndNobodyIsTold() throws Exception {
    Story story = new Story(A);
    story.live();
    int told = story.events.size();
    for (int minute = 0; minute < 100; minute++) {
      quiet(story);
      assertEquals(Duration.ZERO, story.idle());
      resumesFrom(4, story);
      assertTrue(story.machine.onAnswer(Answer.opened("sub", "hash"), story.now));
    }
    assertEquals(told, story.events.size());
    assertTrue(story.says("{\"change\":[\"update\",1,[\"a\",2],5]}\n"));
    assertInstanceOf(SourceEvent.Changed.class, story.events.getLast());
    assertEquals(told + 1, story.events.size());
  }

  @Test
  void quietTimesDifferByAFifthEachWay() throws Exception {
    Story story = new Story(A);
    long least = Long.MAX_VALUE;
    long most = 0;
    story.live();
    for (int i = 0; i < 200; i++) {
      long patience = story.machine.patienceNanos(OWED, QUIET);
      least = Math.min(least, patience);
      most = Math.max(most, patience);
      quiet(story);
      story.open();
      story.machine.onAnswer(Answer.opened("sub", "hash"), story.now);
    }
    assertTrue(least >= QUIET.toNanos() * 0.8 && least < QUIET.toNanos() * 0.85, "" + least);
    assertTrue(most <= QUIET.toNanos() * 1.2 && most > QUIET.toNanos() * 1.15, "" + most);
  }

  @Test
  void aQuietStreamThatCannotBeOpenedAgainIsALossLikeOthers() throws Exception {
    Story story = new Story(A);
    story.live();
    quiet(story);
    story.refusesConnection();
    assertEquals(A + ": cannot connect", story.lastLoss());
    assertTrue(story.idle().toMillis() > 0);
    resumesFrom(4, story);
    assertTrue(story.machine.onAnswer(Answer.opened("sub", "hash"), story.now));
    assertInstanceOf(SourceEvent.Resumed.class, story.events.getLast());
  }

  @Test
  void aQuietStreamThatNobodyKnowsAnyMoreIsSubscribedAnew() throws Exception {
    Story story = new Story(A);
    story.live();
    quiet(story);
    assertFalse(story.refuses(404));
    assertInstanceOf(SourceEvent.Lost.class, story.events.getLast());
    subscribes(story);
  }

  @Test
  void aSmallSnapshotWithNothingToGoOnFromIsTakenAgainWithoutALoss() throws Exception {
    Story story = new Story(A);
    story.open();
    story.machine.onAnswer(Answer.opened("sub", "hash"), story.now);
    story.says(EMPTY_LOG);
    long askedNanos = story.now;
    quiet(story);
    assertTrue(story.now - askedNanos <= QUIET.toNanos() * 1.2);
    subscribes(story);
    askedNanos = story.now;
    story.pass(Duration.ofSeconds(3));
    story.machine.onAnswer(Answer.opened("sub", "hash"), story.now);
    story.says(SNAPSHOT);
    assertEquals(
        new SourceEvent.SnapshotBegun(Table.APPS, OptionalLong.of(askedNanos)),
        story.events.get(2));
    quiet(story);
    resumesFrom(4, story);
    assertTrue(story.events.stream().noneMatch(SourceEvent.Lost.class::isInstance));
  }

  @Test
  void aBigSnapshotIsNotTakenAgainForQuiet() throws Exception {
    Story story = new Story(A);
    story.open();
    story.machine.onAnswer(Answer.opened("sub", "hash"), story.now);
    story.says(COLUMNS);
    for (int row = 0; row <= Quiet.SMALL_ROWS; row++) {
      story.says("{\"row\":[" + row + ",[\"a\",1]]}\n");
    }
    assertEquals(OWED.toNanos(), story.machine.patienceNanos(OWED, QUIET));
    story.says("{\"eoq\":{\"change_id\":0}}\n");
    assertTrue(story.machine.patienceNanos(OWED, QUIET) > Duration.ofDays(365).toNanos());
    story.says("{\"change\":[\"update\",1,[\"a\",2],1]}\n");
    assertTrue(story.machine.patienceNanos(OWED, QUIET) <= QUIET.toNanos() * 1.2);
  }

  @Test
  void silenceWithinASnapshotIsALoss() throws Exception {
    Story story = new Story(A);
    story.open();
    story.machine.onAnswer(Answer.opened("sub", "hash"), story.now);
    story.says(COLUMNS);
    quiet(story);
    assertEquals(A + ": not a byte", story.lastLoss());
    subscribes(story);
  }

  @Test
  void onlyASnapshotOwesBytes() throws Exception {
    Story story = new Story(A);
    story.open();
    story.machine.onAnswer(Answer.opened("sub", ""), story.now);
    assertTrue(story.machine.owed());
    story.says(COLUMNS);
    assertTrue(story.machine.owed());
    story.says("{\"eoq\":{\"change_id\":4}}\n");
    assertFalse(story.machine.owed());
  }

  private static final String BODY =
      SNAPSHOT
          + "{\"change\":[\"insert\",2,[\"b\",1],5]}\n"
          + "{\"news\":1}\n"
          + "{\"change\":[\"update\",1,[\"\u00e4\",{\"x\":1}],6]}\n"
          + "{\"change\":[\"delete\",2,[\"b\",1],7]}\n"
          + "{\"change\":[\"delete\",1,[\"b";

  private static List<SourceEvent> events(byte[] body, List<Integer> cuts) throws Exception {
    Story story = new Story(A);
    story.open();
    story.machine.onAnswer(Answer.opened("sub", "hash"), story.now);
    int from = 0;
    boolean more = true;
    for (int i = 0; more && from < body.length; i++) {
      int length = i < cuts.size() ? Math.min(cuts.get(i), body.length - from) : body.length - from;
      byte[] piece = new byte[length + 6];
      System.arraycopy(body, from, piece, 3, length);
      more = story.machine.onBytes(piece, 3, length, story.now);
      from += length;
    }
    story.ends();
    return story.events;
  }

  @Property(tries = 500)
  void anySplitOfTheSameBytesGivesTheSameEvents(
      @ForAll @Size(max = 300) List<@IntRange(min = 0, max = 40) Integer> cuts) throws Exception {
    byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
    List<SourceEvent> whole = events(body, List.of());
    assertEquals(7, whole.size());
    assertEquals(whole, events(body, cuts));
  }

  @Provide
  Arbitrary<String> pieces() {
    return Arbitraries.oneOf(
        Arbitraries.of(
            COLUMNS,
            SNAPSHOT,
            "{\"row\":[1,[\"a\",1]]}\n",
            "{\"eoq\":{\"change_id\":4}}\n",
            "{\"change\":[\"update\",1,[\"a\",2],5]}\n",
            "{\"change\":[\"update\",1,[\"a\",2],5]} \n",
            "{\"change\":[\"update\",1,[\"a\",2],6]}\n",
            "{\"change\":[\"update\",1,[\"a\",2],-9223372036854775808]}\n",
            "{\"error\":null}\n",
            "{\"error\":\"x\"}\n",
            "\n",
            "{"),
        Arbitraries.strings().ofMaxLength(40),
        Arbitraries.strings().withChars("{}[]\":,0123456789.eE\\u \n").ofMaxLength(60));
  }

  @Provide
  Arbitrary<List<String>> bodies() {
    return pieces().list().ofMaxSize(12);
  }

  @Property(tries = 2000)
  void garbageNeverThrowsAndEndsInAResumeOrASnapshot(@ForAll("bodies") List<String> pieces)
      throws Exception {
    Story story = new Story(A);
    story.open();
    boolean more = story.machine.onAnswer(Answer.opened("sub", "hash"), story.now);
    for (String piece : pieces) {
      more = more && story.says(piece);
    }
    story.ends();
    assertInstanceOf(SourceEvent.Lost.class, story.events.getLast());
    long last = -1;
    for (SourceEvent event : story.events) {
      if (event instanceof SourceEvent.SnapshotEnded ended) {
        last = ended.watermark().position();
      } else if (event instanceof SourceEvent.Changed changed) {
        assertEquals(last + 1, changed.position());
        last = changed.position();
      } else if (event instanceof SourceEvent.Together(_, List<SourceEvent.Changed> changes)) {
        assertEquals(last + 1, changes.getFirst().position());
        last += changes.size();
      }
    }
    if (story.request() instanceof Request.Resume(String subscription, long from)) {
      assertEquals("sub", subscription);
      assertEquals(last, from);
      assertTrue(from > 0);
    }
  }

  @Provide
  Arbitrary<byte[]> bytes() {
    return Arbitraries.bytes().array(byte[].class).ofMaxSize(200);
  }

  @Property(tries = 1000)
  void randomBytesNeverThrow(@ForAll("bytes") byte[] bytes, @ForAll boolean resumed)
      throws Exception {
    Story story = new Story(A);
    if (resumed) {
      story.live();
      story.ends();
    }
    story.open();
    if (story.machine.onAnswer(Answer.opened("sub", "hash"), story.now)) {
      story.machine.onBytes(bytes, 0, bytes.length, story.now);
      story.says("\n");
    }
    story.ends();
    assertInstanceOf(SourceEvent.Lost.class, story.events.getLast());
    assertInstanceOf(Request.class, story.request());
  }
}
