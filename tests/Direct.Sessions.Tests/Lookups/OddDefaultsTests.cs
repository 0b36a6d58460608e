using Direct.Sessions.Tests.Databases;

namespace Direct.Sessions.Tests.Lookups;

// These classes run the look-ups on servers with other session defaults, on which the results must not depend.

public sealed class ColumnsUnderOpenTransactions(OpenTransactionsDatabase database) : ColumnTests(database);

public sealed class ExpiryUnderOpenTransactions(OpenTransactionsDatabase database) : ExpireTests(database);

public sealed class TokensUnderOpenTransactions(OpenTransactionsDatabase database) : TokenTests(database);

public sealed class UsersUnderOpenTransactions(OpenTransactionsDatabase database) : UserTests(database);

public sealed class ColumnsUnderLockingTransactions(LockingTransactionsDatabase database) : ColumnTests(database);

public sealed class ExpiryUnderLockingTransactions(LockingTransactionsDatabase database) : ExpireTests(database);

public sealed class TokensUnderLockingTransactions(LockingTransactionsDatabase database) : TokenTests(database);

public sealed class UsersUnderLockingTransactions(LockingTransactionsDatabase database) : UserTests(database);
