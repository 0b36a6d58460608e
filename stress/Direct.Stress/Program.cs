using System.Diagnostics;
using System.Runtime.InteropServices;
using Direct.Stress;
using Direct.Stress.Runs;

if (args is [WorkerProgram.Argument])
{
    using var input = new StreamReader(Console.OpenStandardInput()); // Console.In would block until there is a line
    return await WorkerProgram.RunAsync(input, Console.Out);
}

// The first Ctrl-C ends the run and reports, a second one ends the program. Some programs send it twice, to the process and to its group.
using var stopping = new CancellationTokenSource();
var watch = new Stopwatch();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return await new StressProgram(Console.Out, Console.Error, isTerminal: !Console.IsOutputRedirected).RunAsync(args, stopping.Token);

void Stop(PosixSignalContext signal)
{
    signal.Cancel = watch.Elapsed < TimeSpan.FromSeconds(1);
    watch.Start();
    stopping.Cancel();
}
