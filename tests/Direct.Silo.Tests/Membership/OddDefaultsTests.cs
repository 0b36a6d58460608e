using Direct.Silo.Tests.Silos;

namespace Direct.Silo.Tests.Membership;

// The statements on servers whose connections begin with other settings than usual: what they do must not depend on them.

public sealed class MembershipUnderOpenTransactions(OpenTransactionsDatabase server) : MembershipTableTests(server);

public sealed class MembershipUnderLockingTransactions(LockingTransactionsDatabase server) : MembershipTableTests(server);

public sealed class ApplyUnderOpenTransactions(OpenTransactionsDatabase server) : Schema.ApplyTests(server);

public sealed class ApplyUnderLockingTransactions(LockingTransactionsDatabase server) : Schema.ApplyTests(server);
