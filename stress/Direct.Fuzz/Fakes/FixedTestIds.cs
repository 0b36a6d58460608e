using Direct.Edge.Identity;

namespace Direct.Fuzz.Fakes;

/// <summary>Gives all tokens the same user, so that an input has one result.</summary>
internal sealed class FixedTestIds : ITestIds
{
    public const long User = 5;

    public ValueTask<long> NextAsync(CancellationToken cancellationToken) => new(User);
}
