using Direct.Testing.Time;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Holds the threads that come to it until the test opens it, and tells the test that one has come.</summary>
internal sealed class Gate : IDisposable
{
    private readonly ManualResetEventSlim _open = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Called by the code under test.</summary>
    public void Pass()
    {
        _reached.TrySetResult();
        Assert.True(_open.Wait(Deadline.Default), "a gate that the test never opened");
    }

    /// <summary>Completes when somebody waits.</summary>
    public Task ReachedAsync(string phase) => Deadline.RunAsync(phase, token => new ValueTask(_reached.Task.WaitAsync(token)));

    public void Open() => _open.Set();

    public void Dispose()
    {
        _open.Set();
        _open.Dispose();
    }
}
