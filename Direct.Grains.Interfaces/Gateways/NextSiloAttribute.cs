using Orleans.CodeGeneration;

namespace Direct.Grains.Gateways;

/// <summary>
/// Sends each call of a method to the next silo in turn, so that a silo that hangs, or does not know the method, is not asked repeatedly. Otherwise a
/// gateway sends all calls to a grain to the same silo as long as that silo lives, and after the silos have been restarted in turn, all calls to the last.
/// </summary>
/// <remarks>
/// Orleans sends unordered calls this way. It marks the grain of a stateless worker as unordered, but reads the mark of the call only
/// (ClientMessageCenter in 10.4.2).
/// </remarks>
[InvokableCustomInitializer(nameof(IRequest.AddInvokeMethodOptions), InvokeMethodOptions.Unordered)]
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NextSiloAttribute : Attribute;
