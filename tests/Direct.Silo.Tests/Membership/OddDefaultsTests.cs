using Direct.Silo.Tests.Silos;

namespace Direct.Silo.Tests.Membership;

// These classes run the statements on servers with other session defaults, on which the statements must not depend.

public sealed class MembershipUnderOpenTransactions(OpenTransactionsDatabase server) : MembershipTableTests(server);

public sealed class MembershipUnderLockingTransactions(LockingTransactionsDatabase server) : MembershipTableTests(server);

public sealed class ApplyUnderOpenTransactions(OpenTransactionsDatabase server) : Schema.ApplyTests(server);

public sealed class ApplyUnderLockingTransactions(LockingTransactionsDatabase server) : Schema.ApplyTests(server);
