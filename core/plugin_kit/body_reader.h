#ifndef PIMJIT_CORE_PLUGIN_KIT_BODY_READER_H_
#define PIMJIT_CORE_PLUGIN_KIT_BODY_READER_H_

#include <vector>

#include "pimjit/core/plugin_kit/byte_reader.h"
#include "pimjit/core/plugin_kit/kernel.h"

namespace pimjit::kit {

// Reads the nodes of a kernel whose tables have been read. Nodes come in post order; a stack each
// of expressions and statements holds what has not found its user yet.
class BodyReader {
 public:
  BodyReader(ByteReader& in, Kernel& kernel) : in_(in), kernel_(kernel) {}
  void read();

 private:
  struct Entry {
    int node;
    int depth;
  };
  void read_expr(ExprKind kind);
  void read_leaf(Expr& expr);
  void read_binary(Expr& expr);
  Type read_type(const char* field);
  void read_stmt(StmtKind kind);
  void read_seq(Stmt& stmt);
  void read_for(Stmt& stmt);
  void read_if(Stmt& stmt);
  void read_let(Stmt& stmt);
  void read_copy(Stmt& stmt);
  void read_combine(Stmt& stmt);

  int pop_expr();
  int pop_stmt();
  int pop_index();           // an expression of type i32 or i64
  int pop_typed(Type type);  // an expression of this type
  Type type_of(int expr) const;
  int buffer_index(const char* field);

  ByteReader& in_;
  Kernel& kernel_;
  std::vector<Entry> exprs_, stmts_;
  int depth_ = 0;  // of the deepest operand of the node being read
};

}  // namespace pimjit::kit

#endif  // PIMJIT_CORE_PLUGIN_KIT_BODY_READER_H_
