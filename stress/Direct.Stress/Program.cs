using Direct.Stress;

return await StressProgram.RunAsync(args, Console.Out, Console.Error, CancellationToken.None);
