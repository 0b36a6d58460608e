using System.Runtime.InteropServices;
using Direct.Fuzz;
using Direct.Fuzz.Targets;
using SharpFuzz;

// With a fuzzer few cuts per input, because the fuzzer creates many inputs; otherwise many.
const int CutsUnderFuzzer = 8;
const int CutsOfFiles = 10_000;

if (args is ["--instrument", var assembly])
{
    Fuzzer.Instrument(assembly, static type => true, Options.Value); // no code has loaded it yet
    return 0;
}

ReadyForInstrumentedCode();
if (args is not [var name, .. var files] || FuzzTargets.Find(name) is not { } target)
{
    Console.Error.WriteLine($"usage: Direct.Fuzz <{string.Join('|', FuzzTargets.All.Select(target => target.Name))}> [file ...]");
    Console.Error.WriteLine("Without a file it waits for afl-fuzz; stress/fuzz starts both. With files it runs them, and says which fail and why.");
    return 2;
}

if (files.Length == 0)
{
    var input = new MemoryStream();
    Fuzzer.Run(stream =>
    {
        input.SetLength(0);
        stream.CopyTo(input);
        target.Run(input.GetBuffer().AsSpan(0, (int)input.Length), CutsUnderFuzzer);
    });
    return 0;
}

var failures = 0;
foreach (var file in files)
{
    try
    {
        target.Run(File.ReadAllBytes(file), CutsOfFiles);
    }
#pragma warning disable CA1031 // Any exception of the parser is a finding.
    catch (Exception exception)
#pragma warning restore CA1031
    {
        failures++;
        Console.WriteLine($"{file}: {(exception is FuzzException ? exception.Message : exception)}");
    }
}

Console.WriteLine($"{files.Length} files, {failures} of them fail.");
return failures == 0 ? 0 : 1;

// Instrumented code records its coverage in this memory; afl-fuzz replaces it.
static unsafe void ReadyForInstrumentedCode() => SharpFuzz.Common.Trace.SharedMem = (byte*)NativeMemory.AllocZeroed(1 << 16);
