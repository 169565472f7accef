package anycast.edge.request;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.ResponseEdits;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.model.rule.HeaderEdits;
import io.netty.util.AsciiString;

/// What a plan writes into the response's head: the rule's edits and the cookie of affinity.
///
/// @param cookie a whole `Set-Cookie`; null = none
record AnswerEdits(HeaderEdits edits, String cookie) implements ResponseEdits {
  private static final AsciiString SET_COOKIE = AsciiString.cached("set-cookie");

  /// Nothing at all where there is nothing to write.
  static ResponseEdits of(HeaderEdits edits, Affinity affinity) {
    return edits.isEmpty() && affinity.cookie() == null
        ? NOTHING
        : new AnswerEdits(edits, affinity.cookie());
  }

  private static final ResponseEdits NOTHING = ResponseEdits.none();

  /// Where the app sets the cookie itself, its value holds.
  @Override
  public void edit(ResponseHead head, Arrival arrival) {
    Fields fields = head.fields();
    if (cookie != null && !setsItself(fields)) {
      fields.add(SET_COOKIE, cookie);
    }
    FieldEdits.apply(edits, fields);
  }

  private boolean setsItself(Fields fields) {
    int nameLength = cookie.indexOf('=') + 1;
    String name = cookie.substring(0, nameLength);
    for (int i = fields.find(SET_COOKIE); i >= 0; i = fields.find(SET_COOKIE, i + 1)) {
      int start = fields.valueStart(i);
      if (fields.valueLength(i) >= nameLength
          && Pairs.same(fields.array(), start, start + nameLength, name)) {
        return true;
      }
    }
    return false;
  }
}
