package anycast.ctl;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;

/// stub
final class Review {
  static Review of(Ledger ledger, List<Wanted> changes) {
    return new Review();
  }

  void show(PrintWriter out) {}

  void tell(ObjectNode into) {}

  int warnings() {
    return 0;
  }
}
