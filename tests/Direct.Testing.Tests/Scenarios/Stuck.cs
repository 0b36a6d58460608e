namespace Direct.Testing.Tests.Scenarios;

/// <summary>Never begins, because its fixture never gets ready.</summary>
public sealed class Stuck(Stuck.Fixture fixture) : IClassFixture<Stuck.Fixture>
{
    [Scenario("stuck")]
    public void Begin() => Assert.NotNull(fixture);

    public sealed class Fixture : IAsyncLifetime
    {
        public async ValueTask InitializeAsync()
        {
            await ScenarioRun.StartFamilyAsync();
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
